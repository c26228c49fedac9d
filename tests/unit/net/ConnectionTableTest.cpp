#include "net/connection/ConnectionTable.h"

#include "net/connection/Connection.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace tenon::net;
using Claim = ConnectionTable::Claim;

class ConnectionTableTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ConnectionTableTest);
    CPPUNIT_TEST(oneOwnerAtATime);
    CPPUNIT_TEST(recognisesLateEvents);
    CPPUNIT_TEST(losesNoEvent);
    CPPUNIT_TEST(aHolderHasOneFlow);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneOwnerAtATime()
    {
        ConnectionTable table;
        const ConnectionRef ref = table.insert(nullptr);
        std::uint8_t bits = READABLE;
        CPPUNIT_ASSERT(table.claim(ref, bits).outcome == Claim::OWNED);
        CPPUNIT_ASSERT_EQUAL(int(READABLE), int(bits));
        std::uint8_t other = HANGUP;
        CPPUNIT_ASSERT(table.claim(ref, other).outcome == Claim::NOTED);
        CPPUNIT_ASSERT(!table.release(ref, bits));
        CPPUNIT_ASSERT_EQUAL(int(HANGUP), int(bits));
        CPPUNIT_ASSERT(table.release(ref, bits));
        bits = WRITABLE;
        CPPUNIT_ASSERT(table.claim(ref, bits).outcome == Claim::OWNED);
        CPPUNIT_ASSERT_EQUAL(int(WRITABLE), int(bits));
    }

    void recognisesLateEvents()
    {
        ConnectionTable table;
        const ConnectionRef first = table.insert(nullptr);
        std::uint8_t bits = 0;
        CPPUNIT_ASSERT(table.claim(first, bits).outcome == Claim::OWNED);
        table.erase(first);
        CPPUNIT_ASSERT(table.claim(first, bits).outcome == Claim::GONE);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), table.at(0));
        const ConnectionRef second = table.insert(nullptr);
        CPPUNIT_ASSERT(second != first);
        CPPUNIT_ASSERT_EQUAL(second, table.at(0));
        CPPUNIT_ASSERT(table.claim(first, bits).outcome == Claim::GONE);
        CPPUNIT_ASSERT(table.find(first) == nullptr);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), table.size());
    }

    void aHolderHasOneFlow()
    {
        ConnectionTable table;
        std::map<std::string, std::uint16_t> flows;
        std::vector<ConnectionRef> all;
        for (int number = 0; number < 2000; ++number)
        {
            const std::string holder = "10.0.0." + std::to_string(number % 8);
            const ConnectionRef ref = table.insert(nullptr);
            table.setHolder(ref, holder);
            all.push_back(ref);
            const auto known = flows.try_emplace(holder, table.flow(ref)).first;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(holder, known->second, table.flow(ref));
        }
        std::set<std::uint16_t> different;
        for (const auto& [holder, flow] : flows)
            different.insert(flow);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("two holders share a flow", flows.size(), different.size());
        for (const ConnectionRef ref : all)
        {
            std::uint8_t bits = 0;
            CPPUNIT_ASSERT(table.claim(ref, bits).outcome == Claim::OWNED);
            table.erase(ref);
        }
        // What was theirs is nobody's.
        const ConnectionRef late = table.insert(nullptr);
        table.setHolder(late, "late");
        const ConnectionRef later = table.insert(nullptr);
        table.setHolder(later, "late");
        CPPUNIT_ASSERT_EQUAL(table.flow(late), table.flow(later));
    }

    void losesNoEvent()
    {
        // Three threads tell events, each serves what it may; every event has to be seen by exactly one owner.
        ConnectionTable table;
        const ConnectionRef ref = table.insert(nullptr);
        std::atomic<int> owners{0}, told{0}, seen{0};
        const auto work = [&](std::uint8_t own)
        {
            for (int i = 0; i < 20000; ++i)
            {
                std::uint8_t bits = own;
                told.fetch_or(own);
                if (table.claim(ref, bits).outcome != Claim::OWNED)
                    continue;
                do
                {
                    CPPUNIT_ASSERT_EQUAL(0, owners.fetch_add(1));
                    seen.fetch_or(bits);
                    owners.fetch_sub(1);
                    bits = 0;
                } while (!table.release(ref, bits));
            }
        };
        std::vector<std::thread> threads;
        for (const std::uint8_t own : {READABLE, WRITABLE, HANGUP})
            threads.emplace_back(work, own);
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(told.load(), seen.load());
        std::uint8_t bits = 0;
        CPPUNIT_ASSERT(table.claim(ref, bits).outcome == Claim::OWNED);
        CPPUNIT_ASSERT_EQUAL(0, int(bits));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionTableTest);

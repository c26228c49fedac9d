#include "net/front/TurnQueue.h"

#include "net/connection/Connection.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

using namespace tenon::net;
using namespace std::chrono_literals;

class TurnQueueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TurnQueueTest);
    CPPUNIT_TEST(whoAsksForLittleIsServedNext);
    CPPUNIT_TEST(whoHasNothingToBeServedEarnsTime);
    CPPUNIT_TEST(holdersGetTheSameTime);
    CPPUNIT_TEST(aLongTurnIsPaidFor);
    CPPUNIT_TEST(aDebtIsForgottenAfterAsLong);
    CPPUNIT_TEST(comingAndGoingGetsNobodyAhead);
    CPPUNIT_TEST(givesBackEachConnectionOnce);
    CPPUNIT_TEST_SUITE_END();

    ConnectionTable _table;
    TurnQueue _queue{_table};
    TurnQueue::Clock::time_point _now{1h};

    /// A connection of a holder that shares its flow with none of `others`.
    ConnectionRef connection(std::string holder, const std::vector<ConnectionRef>& others = {})
    {
        const ConnectionRef ref = _table.insert(nullptr);
        bool alone = false;
        while (!alone)
        {
            _table.setHolder(ref, holder += "'");
            alone = true;
            for (const ConnectionRef other : others)
                alone = alone && _table.flow(other) != _table.flow(ref);
        }
        return ref;
    }

    /// Serves whoever's turn it is for so long. 0: nobody's.
    ConnectionRef serve(TurnQueue::Clock::duration time)
    {
        TurnQueue::Turn turn;
        if (!_queue.pop(turn, _now))
            return 0;
        _now += time;
        _queue.took(turn, time, _now);
        return turn.ref;
    }

public:
    void whoAsksForLittleIsServedNext()
    {
        const ConnectionRef greedy = connection("greedy");
        const ConnectionRef modest = connection("modest", {greedy});
        _queue.push(greedy, 0, _now);
        for (int count = 0; count < 500; ++count)
            _queue.push(connection("greedy", {modest}), 0, _now);
        for (int count = 0; count < 4; ++count) // the greedy one had nothing to be served either, at first
            CPPUNIT_ASSERT(serve(2ms) != 0);
        for (int round = 0; round < 15; ++round)
        {
            CPPUNIT_ASSERT(serve(2ms) != modest);
            _queue.push(modest, 0, _now);
            CPPUNIT_ASSERT_EQUAL(modest, serve(50us));
        }
    }

    void whoHasNothingToBeServedEarnsTime()
    {
        const ConnectionRef modest = connection("modest");
        ConnectionRef second = 0;
        do
            _table.setHolder(second = _table.insert(nullptr), "modest'");
        while (_table.flow(second) != _table.flow(modest));
        std::vector<ConnectionRef> all{modest};
        for (int count = 0; count < 40; ++count)
        {
            all.push_back(connection("greedy " + std::to_string(count), all));
            _queue.push(all.back(), 0, _now);
            CPPUNIT_ASSERT(serve(2ms) != 0);
        }
        for (std::size_t index = 1; index < all.size(); ++index)
            _queue.push(all[index], 0, _now);
        // Many times everybody's share, and a pause each time.
        for (int round = -40; round < 200; ++round)
        {
            const ConnectionRef greedy = serve(500us);
            CPPUNIT_ASSERT(greedy != 0 && greedy != modest);
            _queue.pushAgain(greedy, 0);
            if (round < 0) // the greedy ones had nothing to be served either, at first
                continue;
            _queue.push(modest, 0, _now);
            _queue.push(second, 0, _now);
            CPPUNIT_ASSERT_EQUAL(modest, serve(100us));
            CPPUNIT_ASSERT_EQUAL(second, serve(100us));
        }
    }

    void holdersGetTheSameTime()
    {
        const ConnectionRef slow = connection("slow");
        const ConnectionRef quick = connection("quick", {slow});
        std::map<std::uint16_t, TurnQueue::Clock::duration> had;
        _queue.push(slow, 0, _now);
        _queue.push(quick, 0, _now);
        for (int count = 0; count < 20'000; ++count)
        {
            TurnQueue::Turn turn;
            CPPUNIT_ASSERT(_queue.pop(turn, _now));
            const TurnQueue::Clock::duration time = turn.ref == quick ? 70us : 1300us;
            had[turn.flow] += time;
            _now += time;
            _queue.pushAgain(turn.ref, 0);
            _queue.took(turn, time, _now);
        }
        const double ratio = double(had[_table.flow(slow)].count()) / double(had[_table.flow(quick)].count());
        CPPUNIT_ASSERT_MESSAGE(std::to_string(ratio), ratio > 0.9 && ratio < 1.1);
    }

    void aLongTurnIsPaidFor()
    {
        const ConnectionRef slow = connection("slow");
        const ConnectionRef quick = connection("quick", {slow});
        _queue.push(slow, 0, _now);
        CPPUNIT_ASSERT_EQUAL(slow, serve(20ms));
        _queue.push(slow, 0, _now);
        _queue.push(quick, 0, _now);
        for (int count = 0; count < 15; ++count)
        {
            CPPUNIT_ASSERT_EQUAL(quick, serve(1ms));
            _queue.push(quick, 0, _now);
        }
    }

    void aDebtIsForgottenAfterAsLong()
    {
        const ConnectionRef slow = connection("slow");
        const ConnectionRef busy = connection("busy", {slow});
        _queue.push(slow, 0, _now);
        CPPUNIT_ASSERT_EQUAL(slow, serve(20ms));
        _now += 30ms;
        _queue.push(busy, 0, _now);
        CPPUNIT_ASSERT_EQUAL(busy, serve(2ms));
        _queue.push(busy, 0, _now);
        _queue.push(slow, 0, _now);
        CPPUNIT_ASSERT_EQUAL(slow, serve(1ms));
    }

    void comingAndGoingGetsNobodyAhead()
    {
        // One that comes again as soon as it was served is not one that had nothing to be served.
        const ConnectionRef eager = connection("eager");
        const ConnectionRef patient = connection("patient", {eager});
        int eagerly = 0, patiently = 0;
        _queue.push(eager, 0, _now);
        _queue.push(patient, 0, _now);
        for (int count = 0; count < 1000; ++count)
        {
            const ConnectionRef served = serve(600us);
            CPPUNIT_ASSERT(served != 0);
            ++(served == eager ? eagerly : patiently);
            _queue.push(served, 0, _now);
        }
        CPPUNIT_ASSERT_MESSAGE(std::to_string(eagerly) + " and " + std::to_string(patiently),
                               eagerly > 400 && patiently > 400);
    }

    void givesBackEachConnectionOnce()
    {
        std::map<ConnectionRef, int> waiting;
        std::vector<ConnectionRef> all;
        for (int number = 0; number < 300; ++number)
            all.push_back(connection(std::to_string(number % 40)));
        std::uint32_t random = 1;
        for (int step = 0; step < 50'000; ++step)
        {
            random = random * 1664525 + 1013904223;
            const ConnectionRef ref = all[(random >> 8) % all.size()];
            if ((random >> 30) != 0 && waiting[ref] == 0)
            {
                waiting[ref] = 1;
                _queue.push(ref, static_cast<std::uint8_t>(ref & 15), _now);
            }
            TurnQueue::Turn turn;
            if ((random >> 31) != 0 && _queue.pop(turn, _now))
            {
                CPPUNIT_ASSERT_EQUAL(1, waiting[turn.ref]);
                CPPUNIT_ASSERT_EQUAL(int(turn.ref & 15), int(turn.bits));
                waiting[turn.ref] = 0;
                _queue.took(turn, std::chrono::microseconds(random % 5000), _now += 1ms);
            }
        }
        while (const ConnectionRef ref = serve(1ms))
            CPPUNIT_ASSERT_EQUAL(1, waiting[ref]--);
        for (const auto& [ref, count] : waiting)
            CPPUNIT_ASSERT_EQUAL(0, count);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), _queue.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TurnQueueTest);

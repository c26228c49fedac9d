#include "store/MemoryEventStore.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

using tenon::store::MemoryEventStore;

class MemoryEventStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MemoryEventStoreTest);
    CPPUNIT_TEST(eventsFollowWithoutGaps);
    CPPUNIT_TEST(whatWasDroppedCannotBeReplayed);
    CPPUNIT_TEST(theFinalEventStaysWhateverItMeasures);
    CPPUNIT_TEST(unknownStreamsAndIndexesAreRefused);
    CPPUNIT_TEST(streamsAreApart);
    CPPUNIT_TEST(bytesAreCounted);
    CPPUNIT_TEST(streamsThatHaveEndedMakeRoomOldestFirst);
    CPPUNIT_TEST(whatDoesNotFitIsNotKeptAndSaysSo);
    CPPUNIT_TEST_SUITE_END();

public:
    void eventsFollowWithoutGaps()
    {
        MemoryEventStore store;
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), store.append("s", nullptr, false));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), store.append("s", text("a"), false));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), store.append("s", text("b"), true));
        const auto later = store.after("s", 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), later.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), *later[0].message);
        CPPUNIT_ASSERT(!later[0].final);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), later[1].index);
        CPPUNIT_ASSERT(later[1].final);
        CPPUNIT_ASSERT(store.after("s", 2).empty());
    }

    void whatWasDroppedCannotBeReplayed()
    {
        MemoryEventStore store(2, 1000);
        for (const char* message : {"0", "1", "2", "3"})
            store.append("s", text(message), false);
        CPPUNIT_ASSERT_THROW((void)store.after("s", 0), Poco::NotFoundException);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), store.after("s", 1).size());
    }

    void theFinalEventStaysWhateverItMeasures()
    {
        MemoryEventStore store(4, 10);
        store.append("s", text("12345678"), false);
        store.append("s", text(std::string(100, 'x')), true);
        const auto later = store.after("s", 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), later.size());
        CPPUNIT_ASSERT(later[0].final);
    }

    void unknownStreamsAndIndexesAreRefused()
    {
        MemoryEventStore store;
        CPPUNIT_ASSERT_THROW((void)store.after("s", 0), Poco::NotFoundException);
        store.append("s", text("a"), false);
        CPPUNIT_ASSERT_THROW((void)store.after("s", 1), Poco::NotFoundException);
        CPPUNIT_ASSERT_THROW((void)store.after("s", std::numeric_limits<std::uint64_t>::max()),
                             Poco::NotFoundException);
        store.drop("s");
        store.drop("s");
        CPPUNIT_ASSERT_THROW((void)store.after("s", 0), Poco::NotFoundException);
    }

    void streamsAreApart()
    {
        MemoryEventStore store(2, 1000);
        store.append("a", text("x"), false);
        for (int at = 0; at < 5; ++at)
            store.append("b", text("y"), false);
        store.append("a", text("z"), false);
        CPPUNIT_ASSERT_EQUAL(std::string("z"), *store.after("a", 0)[0].message);
    }

    void bytesAreCounted()
    {
        MemoryEventStore store(2, 1000);
        store.append("a", text("12345"), false);
        store.append("a", nullptr, false);
        store.append("b", text("123"), false);
        CPPUNIT_ASSERT_EQUAL(std::size_t(8), store.bytes());
        store.append("a", text("1"), false); // drops the first
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), store.bytes());
        store.drop("a");
        store.drop("b");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), store.bytes());
    }

private:
    static std::shared_ptr<const std::string> text(std::string message)
    {
        return std::make_shared<const std::string>(std::move(message));
    }

    void streamsThatHaveEndedMakeRoomOldestFirst()
    {
        tenon::base::Budget budget(8 * 10'000);
        MemoryEventStore store(256, 1024 * 1024, &budget);
        const auto big = std::make_shared<const std::string>(4000, 'x');
        store.append("open", big, false);
        store.append("first", big, true);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(8000 + 2 * 128), budget.used());
        store.append("second", big, true);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(8000 + 2 * 128), budget.used());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), store.dropped());
        CPPUNIT_ASSERT_THROW((void)store.after("first", 0), Poco::NotFoundException);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), store.after("second", 0).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), store.after("open", 0).size());
        store.drop("second");
        store.drop("open");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), budget.used());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), store.bytes());
    }

    void whatDoesNotFitIsNotKeptAndSaysSo()
    {
        tenon::base::Budget budget(8 * 10'000);
        MemoryEventStore store(256, 1024 * 1024, &budget);
        store.append("s", nullptr, false);
        store.append("s", std::make_shared<const std::string>(20'000, 'x'), false);
        CPPUNIT_ASSERT_THROW((void)store.after("s", 0), Poco::NotFoundException);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), store.after("s", 1).size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), store.append("s", std::make_shared<const std::string>("y"), true));
        CPPUNIT_ASSERT_THROW((void)store.after("s", 0), Poco::NotFoundException);
        CPPUNIT_ASSERT_EQUAL(std::string("y"), *store.after("s", 1).front().message);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(129), budget.used());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryEventStoreTest);

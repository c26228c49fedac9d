#include "plugin/call/CallWatch.h"
#include "plugin/call/EntryQueue.h"

#include "base/threads/LostThreads.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <optional>

namespace tenon::plugin
{

/// Threads that calls do not give back.
class CallWatchTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CallWatchTest);
    CPPUNIT_TEST(threadIsWrittenOffAfterDeadlineAndGrace);
    CPPUNIT_TEST(whatComesBackIsCountedAgain);
    CPPUNIT_TEST(limitHolds);
    CPPUNIT_TEST(callsWithoutDeadlineAreLeftAlone);
    CPPUNIT_TEST(anotherCallOfThePluginComesIn);
    CPPUNIT_TEST_SUITE_END();

    using Clock = CallWatch::Clock;
    static constexpr std::chrono::milliseconds GRACE{100};

    CallWatch _watch;
    CallWatch::Subject _subject{"some", std::make_shared<PluginLimit>(1)};
    base::LostThreads& _lost = base::LostThreads::instance();

    void lookLater()
    {
        _watch.look(Clock::now());
        _watch.look(Clock::now() + std::chrono::hours(1));
    }

public:
    void setUp() override { _lost.setLimit(2); }

    void threadIsWrittenOffAfterDeadlineAndGrace()
    {
        const auto before = Clock::now();
        const CallWatch::Inside inside(_watch, _subject, 1000, GRACE);
        _watch.look(before); // its time begins with the first look
        _watch.look(before + std::chrono::milliseconds(1099));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _subject.lost.load());
        CPPUNIT_ASSERT(!_lost.contains(std::this_thread::get_id()));
        _watch.look(before + std::chrono::milliseconds(1101));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), _subject.lost.load());
        CPPUNIT_ASSERT(_lost.contains(std::this_thread::get_id()));
        CPPUNIT_ASSERT(_subject.limit->lacks());
    }

    void whatComesBackIsCountedAgain()
    {
        {
            const CallWatch::Inside inside(_watch, _subject, 1, GRACE);
            lookLater();
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), _lost.count());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), _lost.count());
        CPPUNIT_ASSERT(!_subject.limit->lacks());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _subject.lost.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), _subject.everLost.load());
        const CallWatch::Inside another(_watch, _subject, 1, GRACE);
        _watch.look(Clock::now());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _subject.lost.load());
    }

    void limitHolds()
    {
        _lost.setLimit(0);
        {
            const CallWatch::Inside inside(_watch, _subject, 1, GRACE);
            lookLater();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _subject.lost.load());
            // There is room again.
            _lost.setLimit(1);
            lookLater();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), _subject.lost.load());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), _lost.count());
    }

    void callsWithoutDeadlineAreLeftAlone()
    {
        const CallWatch::Inside inside(_watch, _subject, 0, GRACE);
        _watch.look(Clock::now() + std::chrono::hours(1000));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _subject.lost.load());
    }

    void anotherCallOfThePluginComesIn()
    {
        const auto tool = std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, 10, _subject.limit);
        int resumed = 0;
        const auto makeResume = [&]() -> EntryQueue::Resume { return [&] { ++resumed; }; };
        CPPUNIT_ASSERT(tool->enter("", makeResume) == EntryQueue::Entry::NOW);
        {
            const CallWatch::Inside inside(_watch, _subject, 1, GRACE);
            CPPUNIT_ASSERT(tool->enter("", makeResume) == EntryQueue::Entry::LATER);
            lookLater();
            CPPUNIT_ASSERT_EQUAL(1, resumed);
            CPPUNIT_ASSERT(tool->enter("", makeResume) == EntryQueue::Entry::LATER);
            tool->leave("");
            CPPUNIT_ASSERT_EQUAL(2, resumed);
            CPPUNIT_ASSERT(tool->enter("", makeResume) == EntryQueue::Entry::LATER);
        }
        // The lost one is back and leaves: its place is nobody's any more.
        tool->leave("");
        CPPUNIT_ASSERT_EQUAL(2, resumed);
        tool->leave("");
        CPPUNIT_ASSERT_EQUAL(3, resumed);
        tool->leave("");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CallWatchTest);

} // namespace tenon::plugin

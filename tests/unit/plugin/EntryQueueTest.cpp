#include "plugin/call/EntryQueue.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::plugin
{

class EntryQueueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EntryQueueTest);
    CPPUNIT_TEST(parallelCallsRunAtOnce);
    CPPUNIT_TEST(serialCallsTakeTurnsInOrder);
    CPPUNIT_TEST(sessionsExcludeOnlyThemselves);
    CPPUNIT_TEST(limitOfToolIsHonoured);
    CPPUNIT_TEST(limitOfPluginIsSharedByItsToolsInTurn);
    CPPUNIT_TEST(parkedCallsFreeThePluginButNotTheTool);
    CPPUNIT_TEST(fullQueueRefuses);
    CPPUNIT_TEST(newcomersDoNotOvertake);
    CPPUNIT_TEST(onlyAnUnlimitedQueueLetsInAtOnce);
    CPPUNIT_TEST(whoGivesUpLeavesTheQueue);
    CPPUNIT_TEST(whoGivesUpHoldsUpNoSession);
    CPPUNIT_TEST(placesAreNotLostUnderLoad);
    CPPUNIT_TEST_SUITE_END();

    using Concurrency = EntryQueue::Concurrency;
    using Entry = EntryQueue::Entry;

    std::vector<std::string> _resumed;

    std::shared_ptr<EntryQueue> make(Concurrency concurrency, std::size_t limit = 0, std::size_t queue = 10,
                                     std::shared_ptr<PluginLimit> plugin = std::make_shared<PluginLimit>(0))
    {
        return std::make_shared<EntryQueue>(concurrency, limit, queue, plugin);
    }

    Entry enter(EntryQueue& queue, const std::string& name, const std::string& session = "")
    {
        return queue.enter(session, [&] { return [this, name] { _resumed.push_back(name); }; });
    }

    void check(const std::vector<std::string>& expected) { CPPUNIT_ASSERT(_resumed == expected); }

    void parallelCallsRunAtOnce()
    {
        const auto plugin = std::make_shared<PluginLimit>(0);
        const auto tool = make(Concurrency::PARALLEL, 0, 10, plugin);
        for (int call = 0; call < 100; ++call)
            CPPUNIT_ASSERT(enter(*tool, "") == Entry::NOW);
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), plugin->running());
        for (int call = 0; call < 100; ++call)
            tool->leave("");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), plugin->running());
    }

    void serialCallsTakeTurnsInOrder()
    {
        const auto tool = make(Concurrency::SERIAL);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        check({});
        tool->leave("");
        check({"b"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), tool->running());
        tool->leave("");
        check({"b", "c"});
        tool->leave("");
        CPPUNIT_ASSERT(enter(*tool, "d") == Entry::NOW);
    }

    void sessionsExcludeOnlyThemselves()
    {
        const auto tool = make(Concurrency::SESSION);
        CPPUNIT_ASSERT(enter(*tool, "a1", "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b1", "b") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "a2", "a") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "a3", "a") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c1", "c") == Entry::NOW);
        tool->leave("b");
        check({});
        tool->leave("a");
        check({"a2"});
        tool->leave("a");
        check({"a2", "a3"});
        tool->leave("a");
        tool->leave("c");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), tool->running());
    }

    void limitOfToolIsHonoured()
    {
        const auto tool = make(Concurrency::SESSION, 2);
        CPPUNIT_ASSERT(enter(*tool, "a1", "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b1", "b") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "c1", "c") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "a2", "a") == Entry::LATER);
        tool->leave("a");
        check({"c1"});
        tool->leave("c");
        check({"c1", "a2"});
    }

    void limitOfPluginIsSharedByItsToolsInTurn()
    {
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto one = make(Concurrency::PARALLEL, 0, 10, plugin);
        const auto other = make(Concurrency::SERIAL, 0, 10, plugin);
        CPPUNIT_ASSERT(enter(*one, "one1") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*one, "one2") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*one, "one3") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*other, "other1") == Entry::LATER);
        one->leave("");
        one->leave("");
        other->leave("");
        check({"one2", "other1", "one3"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    void parkedCallsFreeThePluginButNotTheTool()
    {
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto tool = make(Concurrency::PARALLEL, 2, 10, plugin);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        tool->park();
        check({"b"});
        tool->park();
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), plugin->running());
        tool->leave("", true);
        check({"b", "c"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    /// With all that its work keeps: a caller who has gone must not cost memory until its turn.
    void onlyAnUnlimitedQueueLetsInAtOnce()
    {
        CPPUNIT_ASSERT(!make(Concurrency::SERIAL)->tryEnter() && !make(Concurrency::SESSION)->tryEnter());
        CPPUNIT_ASSERT(!make(Concurrency::PARALLEL, 5)->tryEnter());
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto tool = make(Concurrency::PARALLEL, 0, 10, plugin);
        CPPUNIT_ASSERT(tool->tryEnter());
        CPPUNIT_ASSERT_MESSAGE("the plugin is full", !tool->tryEnter());
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::LATER && enter(*tool, "b") == Entry::LATER);
        tool->leave("");
        check({"a"});
        CPPUNIT_ASSERT_MESSAGE("somebody waits", !tool->tryEnter());
        tool->leave("");
        tool->leave("");
        check({"a", "b"});
        CPPUNIT_ASSERT(tool->tryEnter());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    void whoGivesUpLeavesTheQueue()
    {
        const auto tool = make(Concurrency::SERIAL, 0, 2);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        EntryQueue::Ticket ticket = 0;
        const auto kept = std::make_shared<int>(0);
        CPPUNIT_ASSERT(tool->enter(
                           "", [&] { return [kept] { *kept = 1; }; }, &ticket) == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        CPPUNIT_ASSERT(tool->withdraw("", ticket));
        CPPUNIT_ASSERT(!tool->withdraw("", ticket));
        CPPUNIT_ASSERT_EQUAL(1L, kept.use_count());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), tool->queued());
        CPPUNIT_ASSERT(enter(*tool, "d") == Entry::LATER);
        tool->leave("");
        tool->leave("");
        check({"c", "d"});
        CPPUNIT_ASSERT_EQUAL(0, *kept);
    }

    void whoGivesUpHoldsUpNoSession()
    {
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto tool = make(Concurrency::SESSION, 0, 10, plugin);
        CPPUNIT_ASSERT(enter(*tool, "a1", "a") == Entry::NOW);
        EntryQueue::Ticket ticket = 0;
        CPPUNIT_ASSERT(tool->enter(
                           "b", [] { return [] {}; }, &ticket) == Entry::LATER);
        CPPUNIT_ASSERT(tool->withdraw("b", ticket));
        CPPUNIT_ASSERT(enter(*tool, "c1", "c") == Entry::LATER);
        tool->leave("a");
        check({"c1"});
        tool->leave("c");
        CPPUNIT_ASSERT(enter(*tool, "b2", "b") == Entry::NOW);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    /// Entries without the mutex and those with it count the same places.
    void placesAreNotLostUnderLoad()
    {
        const auto plugin = std::make_shared<PluginLimit>(2);
        const auto tool = make(Concurrency::PARALLEL, 0, 100'000, plugin);
        std::atomic<int> inside{0}, most{0}, ran{0};
        const auto run = [&]
        {
            most = std::max(most.load(), ++inside);
            std::this_thread::yield();
            --inside;
            ++ran;
            tool->leave("");
        };
        std::mutex mutex;
        std::deque<std::function<void()>> resumed;
        const auto runResumed = [&]
        {
            std::function<void()> next;
            {
                std::lock_guard lock(mutex);
                if (resumed.empty())
                    return false;
                next = std::move(resumed.front());
                resumed.pop_front();
            }
            next();
            return true;
        };
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back(
                [&]
                {
                    for (int call = 0; call < 2000; ++call)
                    {
                        const auto makeResume = [&]() -> EntryQueue::Resume
                        {
                            return [&]
                            {
                                std::lock_guard lock(mutex);
                                resumed.push_back(run);
                            };
                        };
                        if (tool->enter("", makeResume) == Entry::NOW)
                            run();
                        while (runResumed())
                            continue;
                    }
                });
        for (auto& thread : threads)
            thread.join();
        while (runResumed())
            continue;
        CPPUNIT_ASSERT_EQUAL(8000, ran.load());
        CPPUNIT_ASSERT(most <= 2);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), plugin->running());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), tool->queued());
    }

    void fullQueueRefuses()
    {
        const auto tool = make(Concurrency::SERIAL, 0, 1);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::REFUSED);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), tool->queued());
    }

    void newcomersDoNotOvertake()
    {
        const auto tool = make(Concurrency::PARALLEL, 1);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        tool->leave("");
        CPPUNIT_ASSERT(enter(*tool, "d") == Entry::LATER);
        tool->leave("");
        tool->leave("");
        check({"b", "c", "d"});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntryQueueTest);

} // namespace tenon::plugin

#include "base/threads/Timers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

using tenon::base::Timers;
using namespace std::chrono_literals;

class TimersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TimersTest);
    CPPUNIT_TEST(workRunsInTheOrderOfItsTime);
    CPPUNIT_TEST(workRunsAgainAndAgain);
    CPPUNIT_TEST(whatIsCancelledDoesNotRun);
    CPPUNIT_TEST(cancelWaitsForRunningWork);
    CPPUNIT_TEST(workMayCancelItself);
    CPPUNIT_TEST(exceptionsEndTheirWorkOnly);
    CPPUNIT_TEST(stopDropsWhatIsDue);
    CPPUNIT_TEST(anIdleOneHasNoThread);
    CPPUNIT_TEST_SUITE_END();

public:
    void workRunsInTheOrderOfItsTime()
    {
        // Once this thread is quick enough to ask for the earlier before the later is due.
        for (bool inTime = false; !inTime;)
        {
            Timers timers;
            std::vector<int> order;
            std::promise<void> done;
            const auto began = std::chrono::steady_clock::now();
            timers.after(30ms,
                         [&]
                         {
                             order.push_back(2);
                             done.set_value();
                         });
            timers.after(1ms, [&] { order.push_back(1); });
            inTime = std::chrono::steady_clock::now() - began < 29ms;
            done.get_future().get();
            timers.stop();
            if (inTime)
                CPPUNIT_ASSERT(std::vector<int>({1, 2}) == order);
        }
    }

    void workRunsAgainAndAgain()
    {
        Timers timers;
        std::promise<void> done;
        int runs = 0;
        timers.every(1ms,
                     [&]
                     {
                         if (++runs == 3)
                             done.set_value();
                     });
        done.get_future().get();
        timers.stop();
    }

    void whatIsCancelledDoesNotRun()
    {
        Timers timers;
        std::atomic<bool> ran{false};
        const auto id = timers.after(20ms, [&] { ran = true; });
        CPPUNIT_ASSERT(id != 0);
        timers.cancel(id);
        timers.cancel(id);
        timers.cancel(12345);
        std::promise<void> later;
        timers.after(40ms, [&] { later.set_value(); });
        later.get_future().get();
        CPPUNIT_ASSERT(!ran);
    }

    /// The owner of what the work uses goes after `cancel`.
    void cancelWaitsForRunningWork()
    {
        Timers timers;
        std::promise<void> inside, leave;
        std::atomic<bool> over{false};
        const auto id = timers.every(1ms,
                                     [&, left = leave.get_future().share()]
                                     {
                                         if (over)
                                             return;
                                         inside.set_value();
                                         left.wait();
                                         over = true;
                                     });
        inside.get_future().get();
        std::promise<bool> cancelled;
        std::thread canceller(
            [&]
            {
                timers.cancel(id);
                cancelled.set_value(over.load());
            });
        auto answer = cancelled.get_future();
        CPPUNIT_ASSERT(answer.wait_for(20ms) == std::future_status::timeout);
        leave.set_value();
        CPPUNIT_ASSERT(answer.get());
        canceller.join();
    }

    void workMayCancelItself()
    {
        Timers timers;
        std::promise<Timers::Id> own;
        std::atomic<int> runs{0};
        own.set_value(timers.every(1ms,
                                   [&, id = own.get_future().share()]
                                   {
                                       ++runs;
                                       timers.cancel(id.get());
                                   }));
        std::promise<void> later;
        timers.after(30ms, [&] { later.set_value(); });
        later.get_future().get();
        CPPUNIT_ASSERT_EQUAL(1, runs.load());
    }

    void exceptionsEndTheirWorkOnly()
    {
        Timers timers;
        timers.after(0ms, [] { throw std::runtime_error("a"); });
        timers.after(0ms, [] { throw 1; });
        std::promise<void> done;
        timers.after(1ms, [&] { done.set_value(); });
        done.get_future().get();
    }

    void stopDropsWhatIsDue()
    {
        Timers timers;
        std::atomic<bool> ran{false};
        timers.after(1h, [&] { ran = true; });
        timers.stop();
        timers.after(0ms, [&] { ran = true; });
        timers.stop();
        CPPUNIT_ASSERT(!ran);
    }

    void anIdleOneHasNoThread()
    {
        struct Teller
        {
            std::atomic<int>& ends;
            ~Teller() { ++ends; }
        };
        std::atomic<int> ends{0};
        Timers timers;
        for (int times = 1; times <= 2; ++times)
        {
            const auto deadline = timers.after(1h, [] {}); // of something that is done long before
            std::promise<void> ran;
            timers.after(0ms,
                         [&]
                         {
                             const thread_local Teller teller{ends};
                             (void)teller;
                             ran.set_value();
                         });
            ran.get_future().get();
            std::this_thread::sleep_for(20ms); // so that it waits for the deadline
            timers.cancel(deadline);
            for (int tries = 0; tries < 4000 && ends < times; ++tries)
                std::this_thread::sleep_for(5ms);
            CPPUNIT_ASSERT_EQUAL(times, ends.load());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimersTest);

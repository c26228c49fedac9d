#include "base/threads/Executor.h"
#include "base/threads/LostThreads.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>

using tenon::base::Executor;

class ExecutorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExecutorTest);
    CPPUNIT_TEST(workRunsElsewhere);
    CPPUNIT_TEST(worksRunSideBySide);
    CPPUNIT_TEST(threadsAreLimited);
    CPPUNIT_TEST(lostThreadsAreReplaced);
    CPPUNIT_TEST(exceptionsEndTheirWorkOnly);
    CPPUNIT_TEST(workMayPost);
    CPPUNIT_TEST(capturesMayPostWhenTheyGo);
    CPPUNIT_TEST(stopRunsWhatIsQueued);
    CPPUNIT_TEST(workAfterStopIsDropped);
    CPPUNIT_TEST_SUITE_END();

public:
    void workRunsElsewhere()
    {
        Executor executor(2);
        std::promise<std::thread::id> done;
        executor.post([&] { done.set_value(std::this_thread::get_id()); });
        CPPUNIT_ASSERT(done.get_future().get() != std::this_thread::get_id());
    }

    void worksRunSideBySide()
    {
        Executor executor(3);
        std::latch all(3); // nobody passes alone
        std::latch done(3);
        for (int at = 0; at < 3; ++at)
            executor.post(
                [&]
                {
                    all.arrive_and_wait();
                    done.count_down();
                });
        done.wait();
    }

    void threadsAreLimited()
    {
        Executor executor(2);
        std::atomic<int> inside{0}, most{0};
        std::latch done(50);
        for (int at = 0; at < 50; ++at)
            executor.post(
                [&]
                {
                    const int now = ++inside;
                    int seen = most.load();
                    while (now > seen && !most.compare_exchange_weak(seen, now))
                        ;
                    std::this_thread::yield();
                    --inside;
                    done.count_down();
                });
        done.wait();
        CPPUNIT_ASSERT(most.load() <= 2);
    }

    /// A work that never ends would hold the only thread for ever.
    void lostThreadsAreReplaced()
    {
        auto& lost = tenon::base::LostThreads::instance();
        lost.setLimit(1);
        Executor executor(1);
        std::promise<std::thread::id> stuck;
        std::promise<void> free, other;
        executor.post(
            [&]
            {
                stuck.set_value(std::this_thread::get_id());
                free.get_future().wait();
            });
        const auto thread = stuck.get_future().get();
        CPPUNIT_ASSERT(lost.writeOff(thread));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), lost.count());
        CPPUNIT_ASSERT(!lost.writeOff(std::this_thread::get_id())); // the limit
        executor.post([&] { other.set_value(); });
        const bool ran = other.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
        lost.takeBack(thread);
        free.set_value();
        CPPUNIT_ASSERT(ran);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), lost.count());
        executor.stop();
    }

    void exceptionsEndTheirWorkOnly()
    {
        Executor executor(1);
        executor.post([] { throw std::runtime_error("a"); });
        executor.post([] { throw Poco::NotFoundException("b"); });
        executor.post([] { throw 1; });
        std::promise<void> done;
        executor.post([&] { done.set_value(); });
        done.get_future().get();
    }

    void workMayPost()
    {
        Executor executor(1);
        std::promise<void> done;
        executor.post([&] { executor.post([&] { done.set_value(); }); });
        done.get_future().get();
    }

    void capturesMayPostWhenTheyGo()
    {
        struct Poster
        {
            Executor& executor;
            std::promise<void>& done;
            ~Poster()
            {
                executor.post([&last = done] { last.set_value(); });
            }
        };
        Executor executor(1);
        std::promise<void> done;
        executor.post([poster = std::make_shared<Poster>(executor, done)] {});
        done.get_future().get();
    }

    void stopRunsWhatIsQueued()
    {
        Executor executor(1);
        std::promise<void> go;
        int ran = 0;
        executor.post([future = go.get_future().share()] { future.wait(); });
        for (int at = 0; at < 10; ++at)
            executor.post([&] { ++ran; });
        CPPUNIT_ASSERT(executor.queued() >= 10);
        go.set_value();
        executor.stop();
        CPPUNIT_ASSERT_EQUAL(10, ran);
    }

    void workAfterStopIsDropped()
    {
        Executor executor(1);
        executor.stop();
        bool ran = false;
        executor.post([&] { ran = true; });
        executor.stop();
        CPPUNIT_ASSERT(!ran);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExecutorTest);

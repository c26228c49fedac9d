#include "base/threads/ShortLock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <mutex>
#include <thread>
#include <vector>

using tenon::base::ShortLock;

class ShortLockTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ShortLockTest);
    CPPUNIT_TEST(oneThreadHoldsIt);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneThreadHoldsIt()
    {
        constexpr int THREADS = 4, ROUNDS = 10'000;
        ShortLock lock;
        long count = 0; // not atomic: lost additions show
        std::vector<std::thread> threads;
        for (int at = 0; at < THREADS; ++at)
            threads.emplace_back(
                [&]
                {
                    for (int round = 0; round < ROUNDS; ++round)
                    {
                        const std::lock_guard guard(lock);
                        ++count;
                    }
                });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(long(THREADS) * ROUNDS, count);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ShortLockTest);

#include "base/threads/Once.h"

#include <cppunit/extensions/HelperMacros.h>

#include <new>
#include <thread>
#include <vector>

using tenon::base::Once;

class OnceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OnceTest);
    CPPUNIT_TEST(whatThrowsIsTriedAgain);
    CPPUNIT_TEST(oneOfManyDoesIt);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatThrowsIsTriedAgain()
    {
        Once once;
        int tries = 0;
        CPPUNIT_ASSERT_THROW(once(
                                 [&]
                                 {
                                     ++tries;
                                     throw std::bad_alloc();
                                 }),
                             std::bad_alloc);
        once([&] { ++tries; });
        once([&] { ++tries; });
        CPPUNIT_ASSERT_EQUAL(2, tries);
    }

    void oneOfManyDoesIt()
    {
        Once once;
        int done = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] { once([&] { ++done; }); });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(1, done);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnceTest);

#include "guard/limits/Buckets.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::guard::Buckets;

class BucketsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BucketsTest);
    CPPUNIT_TEST(aMinutesWorthThenNoMore);
    CPPUNIT_TEST(refillsEvenly);
    CPPUNIT_TEST(keysAreApart);
    CPPUNIT_TEST(failuresSlowDown);
    CPPUNIT_TEST(successEndsTheRow);
    CPPUNIT_TEST(timeEndsTheRow);
    CPPUNIT_TEST(memoryIsBounded);
    CPPUNIT_TEST(anAttackDoesNotFreeItself);
    CPPUNIT_TEST_SUITE_END();

public:
    void aMinutesWorthThenNoMore()
    {
        Buckets buckets(64);
        for (int at = 0; at < 10; ++at)
        {
            const Buckets::State state = buckets.take("a", 10, 1000);
            CPPUNIT_ASSERT(state.allowed);
            CPPUNIT_ASSERT_EQUAL(std::uint32_t(9 - at), state.remaining);
        }
        const Buckets::State state = buckets.take("a", 10, 1000);
        CPPUNIT_ASSERT(!state.allowed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(6000), state.retryAfterMs);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(60000), state.resetMs);
    }

    void refillsEvenly()
    {
        Buckets buckets(64);
        for (int at = 0; at < 10; ++at)
            (void)buckets.take("a", 10, 0);
        CPPUNIT_ASSERT(!buckets.take("a", 10, 5900).allowed);
        CPPUNIT_ASSERT(buckets.take("a", 10, 6100).allowed);
        CPPUNIT_ASSERT(!buckets.take("a", 10, 6200).allowed);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(10), buckets.look("a", 10, 200'000).remaining);
    }

    void keysAreApart()
    {
        Buckets buckets(64);
        while (buckets.take("a", 5, 0).allowed)
            ;
        CPPUNIT_ASSERT(buckets.take("b", 5, 0).allowed);
        CPPUNIT_ASSERT(buckets.look("c", 5, 0).allowed);
    }

    void failuresSlowDown()
    {
        Buckets buckets(64);
        std::int64_t now = 0;
        for (int at = 0; at < 4; ++at)
            buckets.fail("a", 60, now);
        CPPUNIT_ASSERT(buckets.look("a", 60, now).allowed);
        for (const std::int64_t wait : {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000})
        {
            buckets.fail("a", 60, now);
            const Buckets::State state = buckets.look("a", 60, now);
            CPPUNIT_ASSERT(!state.allowed);
            CPPUNIT_ASSERT_EQUAL(wait, state.retryAfterMs);
            now += wait;
            CPPUNIT_ASSERT(buckets.look("a", 60, now).allowed);
        }
    }

    void successEndsTheRow()
    {
        Buckets buckets(64);
        for (int at = 0; at < 6; ++at)
            buckets.fail("a", 60, 0);
        CPPUNIT_ASSERT(!buckets.look("a", 60, 0).allowed);
        buckets.succeed("a");
        CPPUNIT_ASSERT(buckets.look("a", 60, 0).allowed);
    }

    void timeEndsTheRow()
    {
        Buckets buckets(64);
        for (int at = 0; at < 8; ++at)
            buckets.fail("a", 60, 0);
        buckets.fail("a", 60, 3'600'000);
        CPPUNIT_ASSERT(buckets.look("a", 60, 3'600'000).allowed);
    }

    void memoryIsBounded()
    {
        Buckets buckets(1024);
        const std::size_t before = buckets.memory();
        for (int at = 0; at < 100'000; ++at)
            buckets.fail("address " + std::to_string(at), 60, at);
        CPPUNIT_ASSERT_EQUAL(before, buckets.memory());
    }

    // Whoever has many addresses must not be able to push the record of one out while it matters.
    void anAttackDoesNotFreeItself()
    {
        Buckets buckets(16);
        for (int at = 0; at < 12; ++at)
            buckets.fail("a", 60, 0);
        for (int at = 0; at < 1000; ++at)
            buckets.fail("other " + std::to_string(at), 60, 1);
        CPPUNIT_ASSERT(!buckets.look("a", 60, 2).allowed);
        // Its tokens are back long before its wait is over.
        for (int at = 0; at < 1000; ++at)
            buckets.fail("yet another " + std::to_string(at), 60, 50'000);
        CPPUNIT_ASSERT(!buckets.look("a", 60, 50'000).allowed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BucketsTest);

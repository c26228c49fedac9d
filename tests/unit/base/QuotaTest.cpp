#include "base/limits/Quota.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <thread>
#include <vector>

using tenon::base::Quota;

class QuotaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(QuotaTest);
    CPPUNIT_TEST(eachKeyHoldsAsManyAsItMay);
    CPPUNIT_TEST(whatIsGivenBackCanBeTakenAgain);
    CPPUNIT_TEST(aKeyThatHoldsNothingIsForgotten);
    CPPUNIT_TEST(whatIsHeldOutlivesTheQuota);
    CPPUNIT_TEST(threadsTakeNoMoreThanThereIs);
    CPPUNIT_TEST_SUITE_END();

public:
    void eachKeyHoldsAsManyAsItMay()
    {
        Quota quota;
        const auto first = quota.take("a", 2), second = quota.take("a", 2), other = quota.take("b", 2);
        CPPUNIT_ASSERT(first && second && other);
        CPPUNIT_ASSERT(!quota.take("a", 2));
        CPPUNIT_ASSERT_MESSAGE("a limit that was raised counts at once", quota.take("a", 3) != nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("b"), other->key());
    }

    void whatIsGivenBackCanBeTakenAgain()
    {
        Quota quota;
        auto held = quota.take("a", 1);
        auto copy = held;
        held.reset();
        CPPUNIT_ASSERT_MESSAGE("a copy holds it still", !quota.take("a", 1));
        copy.reset();
        CPPUNIT_ASSERT(quota.take("a", 1) != nullptr);
    }

    void aKeyThatHoldsNothingIsForgotten()
    {
        Quota quota;
        for (int at = 0; at < 1000; ++at)
            (void)quota.take(std::to_string(at), 1);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), quota.keys());
        CPPUNIT_ASSERT(!quota.take("a", 0));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), quota.keys());
    }

    void whatIsHeldOutlivesTheQuota()
    {
        auto quota = std::make_unique<Quota>();
        const auto held = quota->take("a", 1);
        quota.reset();
        CPPUNIT_ASSERT(held != nullptr);
    }

    void threadsTakeNoMoreThanThereIs()
    {
        Quota quota;
        std::vector<std::vector<Quota::HeldPtr>> held(4);
        std::vector<std::thread> threads;
        for (auto& mine : held)
            threads.emplace_back(
                [&]
                {
                    for (int at = 0; at < 1000; ++at)
                        if (auto one = quota.take("a", 100))
                            mine.push_back(std::move(one));
                });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), held[0].size() + held[1].size() + held[2].size() + held[3].size());
        held.clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), quota.keys());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(QuotaTest);

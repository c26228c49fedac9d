#pragma once

#include "store/SharedLimits.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <memory>
#include <optional>
#include <string>

namespace tenon::tests
{

/// What instances count together, in memory and in Redis.
class SharedLimitsSuite : public CppUnit::TestFixture
{
public:
    using Limits = store::SharedLimits;

    void whatOneDrawsOthersLack()
    {
        const auto one = join(), two = join();
        CPPUNIT_ASSERT_EQUAL(7U, draw(*one, "k", 10, 0, 7)->tokens);
        const auto rest = draw(*two, "k", 10, 0, 7);
        CPPUNIT_ASSERT_EQUAL(3U, rest->tokens);
        CPPUNIT_ASSERT_EQUAL(2U, rest->instances);
        CPPUNIT_ASSERT(rest->left < 1);
        CPPUNIT_ASSERT_EQUAL(0U, draw(*one, "k", 10, 0, 1)->tokens);
        CPPUNIT_ASSERT_EQUAL(7U, draw(*one, "another", 10, 0, 7)->tokens);
    }

    void whatIsSpentAlreadyIsOwed()
    {
        const auto one = join(), two = join();
        CPPUNIT_ASSERT_EQUAL(0U, draw(*one, "k", 10, 13, 1)->tokens);
        const double owed = draw(*two, "k", 10, 0, 0)->left;
        CPPUNIT_ASSERT_MESSAGE(std::to_string(owed), owed > -3.1 && owed < -2);
        // However much it is, it is over in two minutes.
        (void)draw(*one, "k", 10, 1'000'000, 0);
        CPPUNIT_ASSERT(draw(*two, "k", 10, 0, 0)->left >= -10);
    }

    void bucketsRefill()
    {
        const auto one = join();
        CPPUNIT_ASSERT_EQUAL(6000U, draw(*one, "k", 6000, 0, 9000)->tokens);
        pass(500);
        const auto later = draw(*one, "k", 6000, 0, 9000)->tokens;
        CPPUNIT_ASSERT_MESSAGE(std::to_string(later), later >= 50);
    }

    void placesAreOfOneInstance()
    {
        const auto one = join(), two = join();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(6), reserve(*one, "q", 10, 1, 6));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4), reserve(*two, "q", 10, 1, 6));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(6), reserve(*one, "q", 10, 1, 9));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), reserve(*one, "q", 10, 1, 2));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(8), reserve(*two, "q", 10, 4, 9));
        // Who has more than he may, since nobody knew, keeps it.
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5), reserve(*one, "q", 10, 5, 5));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), reserve(*one, "q", 10, 0, 0));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), reserve(*two, "q", 10, 4, 20));
    }

protected:
    /// One more instance that is known to all.
    virtual std::unique_ptr<Limits> join() = 0;
    virtual void pass(int ms) = 0;

private:
    static std::optional<Limits::Drawn> draw(Limits& limits, const std::string& key, std::uint32_t perMinute,
                                             std::uint32_t spent, std::uint32_t wanted)
    {
        std::promise<std::optional<Limits::Drawn>> answer;
        limits.draw(key, perMinute, spent, wanted,
                    [&answer](const Limits::Drawn* drawn)
                    { answer.set_value(drawn ? std::optional(*drawn) : std::nullopt); });
        auto drawn = answer.get_future().get();
        CPPUNIT_ASSERT(drawn);
        return drawn;
    }
    static std::uint64_t reserve(Limits& limits, const std::string& key, std::uint64_t most, std::uint64_t held,
                                 std::uint64_t wanted)
    {
        std::promise<std::optional<Limits::Reserved>> answer;
        limits.reserve(key, most, held, wanted,
                       [&answer](const Limits::Reserved* reserved)
                       { answer.set_value(reserved ? std::optional(*reserved) : std::nullopt); });
        const auto reserved = answer.get_future().get();
        CPPUNIT_ASSERT(reserved);
        return reserved->places;
    }
};

#define TENON_SHARED_LIMITS_SUITE(Form)                                                                                \
    CPPUNIT_TEST_SUITE(Form);                                                                                          \
    CPPUNIT_TEST(whatOneDrawsOthersLack);                                                                              \
    CPPUNIT_TEST(whatIsSpentAlreadyIsOwed);                                                                            \
    CPPUNIT_TEST(bucketsRefill);                                                                                       \
    CPPUNIT_TEST(placesAreOfOneInstance);                                                                              \
    CPPUNIT_TEST_SUITE_END()

} // namespace tenon::tests

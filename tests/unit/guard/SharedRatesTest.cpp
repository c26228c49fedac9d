#include "guard/limits/SharedRates.h"
#include "guard/limits/Logins.h"
#include "store/memory/MemoryLimits.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace tenon;
using guard::SharedRates;

namespace
{

/// Instances that count together, and their common clock. Answers come when they are delivered.
struct Fleet
{
    explicit Fleet(int size)
    {
        limits.hold(true);
        for (int at = 0; at < size; ++at)
        {
            views.push_back(limits.instance());
            rates.push_back(std::make_unique<SharedRates>(*views.back()));
        }
    }

    std::int64_t now = 1'000'000;
    store::MemoryLimits limits{[this] { return now; }};
    std::vector<std::unique_ptr<store::SharedLimits>> views;
    std::vector<std::unique_ptr<SharedRates>> rates;

    bool take(std::size_t at, std::uint32_t perMinute) { return rates[at]->take("a", perMinute, now).allowed; }

    /// How many come in at the instances of `which` in `ms`, if one asks each of them `each` times a millisecond.
    int flood(const std::vector<std::size_t>& which, std::uint32_t perMinute, int ms, int each = 2)
    {
        int allowed = 0;
        for (const std::int64_t until = now + ms; now < until; ++now)
        {
            for (const std::size_t at : which)
                for (int count = 0; count < each; ++count)
                    allowed += take(at, perMinute) ? 1 : 0;
            limits.deliver();
        }
        return allowed;
    }
};

void assertAbout(double expected, int seen, double part = 0.1)
{
    const double apart = std::max(2.0, expected * part);
    CPPUNIT_ASSERT_MESSAGE(std::to_string(seen) + " for " + std::to_string(expected),
                           seen >= expected - apart && seen <= expected + apart);
}

} // namespace

class SharedRatesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SharedRatesTest);
    CPPUNIT_TEST(aFleetHoldsOneLimit);
    CPPUNIT_TEST(oneInstanceGetsAllOfIt);
    CPPUNIT_TEST(aClientThatMovesFindsWhatIsLeft);
    CPPUNIT_TEST(whoWaitsAsToldIsLetIn);
    CPPUNIT_TEST(aSlowClientIsNeverRefused);
    CPPUNIT_TEST(aSecondRequestNeedNotWaitForTheFirstAnswer);
    CPPUNIT_TEST(eachLetsInItsPartWhileTheStoreIsAway);
    CPPUNIT_TEST(aStoreThatDoesNotAnswerIsNotWaitedFor);
    CPPUNIT_TEST(remainingCountsDown);
    CPPUNIT_TEST(answersMayComeTooLate);
    CPPUNIT_TEST(failedLoginsCountEverywhere);
    CPPUNIT_TEST_SUITE_END();

public:
    void aFleetHoldsOneLimit()
    {
        for (const std::uint32_t perMinute : {20U, 60U, 600U, 6000U, 60'000U})
        {
            Fleet fleet(3);
            const int seen = fleet.flood({0, 1, 2}, perMinute, 20'000, perMinute > 10'000 ? 3 : 1);
            assertAbout(std::min(perMinute * (1 + 20.0 / 60), perMinute > 10'000 ? 1e9 : 60'000.0), seen);
        }
    }

    void oneInstanceGetsAllOfIt()
    {
        for (const std::uint32_t perMinute : {5U, 60U, 600U, 6000U})
        {
            Fleet fleet(3);
            assertAbout(perMinute * (1 + 20.0 / 60), fleet.flood({1}, perMinute, 20'000));
        }
    }

    void aClientThatMovesFindsWhatIsLeft()
    {
        for (const std::uint32_t perMinute : {20U, 60U, 600U})
        {
            Fleet fleet(3);
            int seen = fleet.flood({0}, perMinute, 5'000);
            seen += fleet.flood({1}, perMinute, 5'000);
            seen += fleet.flood({2}, perMinute, 5'000);
            seen += fleet.flood({0}, perMinute, 5'000);
            assertAbout(perMinute * (1 + 20.0 / 60), seen);
        }
    }

    void whoWaitsAsToldIsLetIn()
    {
        Fleet fleet(3);
        (void)fleet.flood({0, 1, 2}, 60, 2'000);
        for (int times = 0; times < 20; ++times)
        {
            auto state = fleet.rates[0]->take("a", 60, fleet.now);
            fleet.limits.deliver();
            if (!state.allowed)
            {
                CPPUNIT_ASSERT_MESSAGE(std::to_string(state.retryAfterMs),
                                       state.retryAfterMs > 0 && state.retryAfterMs < 5'000);
                fleet.now += state.retryAfterMs;
                CPPUNIT_ASSERT(fleet.take(0, 60));
                fleet.limits.deliver();
            }
        }
    }

    void aSlowClientIsNeverRefused()
    {
        for (const std::uint32_t perMinute : {1U, 2U, 10U, 60U})
        {
            Fleet fleet(3);
            for (std::size_t times = 0; times < 50; ++times)
            {
                CPPUNIT_ASSERT(fleet.take(times % 3, perMinute));
                fleet.limits.deliver();
                fleet.now += 60'000 / perMinute + 1;
            }
        }
    }

    void aSecondRequestNeedNotWaitForTheFirstAnswer()
    {
        Fleet fleet(3);
        CPPUNIT_ASSERT(fleet.take(0, 60)); // after its answer it is known how many there are
        fleet.limits.deliver();
        for (int times = 0; times < 19; ++times)
            CPPUNIT_ASSERT(fleet.take(0, 60));
    }

    void eachLetsInItsPartWhileTheStoreIsAway()
    {
        Fleet fleet(3);
        for (std::size_t at = 0; at < 3; ++at)
            (void)fleet.take(at, 600);
        fleet.limits.deliver();
        fleet.limits.setAway(true);
        assertAbout(200 * (1 + 20.0 / 60), fleet.flood({0}, 600, 20'000));
        assertAbout(400 * (1 + 20.0 / 60), fleet.flood({1, 2}, 600, 20'000));
        CPPUNIT_ASSERT_EQUAL(600U, fleet.rates[0]->take("a", 600, fleet.now).limit);

        fleet.limits.setAway(false);
        assertAbout(600 + 600 - 800, fleet.flood({0, 1, 2}, 600, 60'000)); // what was used meanwhile is owed
    }

    void aStoreThatDoesNotAnswerIsNotWaitedFor()
    {
        Fleet fleet(2);
        for (std::size_t at = 0; at < 2; ++at)
            (void)fleet.take(at, 600);
        fleet.limits.deliver();
        int seen = 0;
        for (const std::int64_t until = fleet.now + 10'000; fleet.now < until; ++fleet.now)
            seen += fleet.take(0, 600) ? 1 : 0;
        CPPUNIT_ASSERT_MESSAGE(std::to_string(seen), seen > 300 && seen <= 700);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), fleet.limits.deliver()); // asked once, not for every request
        (void)fleet.flood({0}, 600, 10);
        CPPUNIT_ASSERT(!fleet.take(0, 600)); // and now it has to be repaid
    }

    void remainingCountsDown()
    {
        Fleet fleet(1);
        std::uint32_t last = 61;
        for (int times = 0; times < 60; ++times)
        {
            const auto state = fleet.rates[0]->take("a", 60, fleet.now);
            fleet.limits.deliver();
            CPPUNIT_ASSERT(state.allowed);
            CPPUNIT_ASSERT_EQUAL(60U, state.limit);
            CPPUNIT_ASSERT_MESSAGE(std::to_string(state.remaining), state.remaining < last);
            last = state.remaining;
        }
        CPPUNIT_ASSERT_EQUAL(0U, last);
        CPPUNIT_ASSERT(!fleet.take(0, 60));
    }

    void answersMayComeTooLate()
    {
        Fleet fleet(1);
        (void)fleet.take(0, 60);
        fleet.rates.clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), fleet.limits.deliver());
    }

    void failedLoginsCountEverywhere()
    {
        Fleet fleet(2);
        guard::Logins one(fleet.views[0].get()), two(fleet.views[1].get());
        for (int times = 0; times < 3; ++times)
            one.fail("a", 4, fleet.now);
        two.fail("a", 4, fleet.now);
        fleet.limits.deliver();
        CPPUNIT_ASSERT(!two.look("a", 4, fleet.now).allowed);
        CPPUNIT_ASSERT(two.look("b", 4, fleet.now).allowed);
        CPPUNIT_ASSERT(two.look("a", 4, fleet.now + 16'000).allowed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SharedRatesTest);

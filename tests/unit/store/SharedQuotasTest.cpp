#include "store/SharedQuotas.h"
#include "base/limits/Quota.h"
#include "base/threads/SteadyClock.h"
#include "store/memory/MemoryLimits.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace tenon;

namespace
{

/// Instances with a quota each that they hold together.
struct Fleet
{
    explicit Fleet(int size)
    {
        for (int at = 0; at < size; ++at)
        {
            views.push_back(limits.instance());
            quotas.push_back(std::make_unique<base::Quota>());
            shared.push_back(std::make_unique<store::SharedQuotas>(*views.back()));
            shared.back()->share("things", *quotas.back());
        }
        held.resize(quotas.size());
        tick(0); // each learns how many there are
    }

    /// Takes one after the other at the instances of `which`, until all of them have refused for a while.
    std::size_t takeAll(const std::vector<std::size_t>& which, std::size_t most)
    {
        for (std::int64_t refusedSince = 0; refusedSince == 0 || base::steadyMs() - refusedSince < 200;)
        {
            bool any = false;
            for (const std::size_t at : which)
                if (auto one = quotas[at]->take("a", most))
                {
                    held[at].push_back(std::move(one));
                    any = true;
                }
            if (any)
                refusedSince = 0;
            else if (refusedSince == 0)
                refusedSince = base::steadyMs();
            else
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return count();
    }

    void tick(std::int64_t laterMs)
    {
        for (const auto& one : shared)
            one->tick(base::steadyMs() + laterMs);
    }

    [[nodiscard]] std::size_t count() const
    {
        std::size_t all = 0;
        for (const auto& some : held)
            all += some.size();
        return all;
    }

    store::MemoryLimits limits{&base::steadyMs};
    std::vector<std::unique_ptr<store::SharedLimits>> views;
    std::vector<std::unique_ptr<base::Quota>> quotas;
    std::vector<std::unique_ptr<store::SharedQuotas>> shared;
    std::vector<std::vector<base::Quota::HeldPtr>> held;
};

void assertAbout(std::size_t most, std::size_t seen)
{
    const std::size_t apart = std::max<std::size_t>(2, most / 10);
    CPPUNIT_ASSERT_MESSAGE(std::to_string(seen) + " of " + std::to_string(most),
                           seen + apart >= most && seen <= most + apart);
}

} // namespace

class SharedQuotasTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SharedQuotasTest);
    CPPUNIT_TEST(aFleetHoldsOneQuota);
    CPPUNIT_TEST(oneInstanceMayHaveNearlyAll);
    CPPUNIT_TEST(whatIsGivenBackIsOthers);
    CPPUNIT_TEST(aFewNeedNoQuestion);
    CPPUNIT_TEST(eachHasItsPartWhileTheStoreIsAway);
    CPPUNIT_TEST(aStoreThatForgotLearnsWhatIsHeld);
    CPPUNIT_TEST(aQuotaMayBeGone);
    CPPUNIT_TEST_SUITE_END();

public:
    void aFleetHoldsOneQuota()
    {
        for (const std::size_t most : {8, 30, 100, 1000})
        {
            Fleet fleet(3);
            assertAbout(most, fleet.takeAll({0, 1, 2}, most));
        }
    }

    void oneInstanceMayHaveNearlyAll()
    {
        for (const std::size_t most : {8, 30, 1000})
        {
            Fleet fleet(3);
            assertAbout(most, fleet.takeAll({1}, most));
            assertAbout(most, fleet.takeAll({0, 2}, most));
        }
    }

    void whatIsGivenBackIsOthers()
    {
        Fleet fleet(2);
        assertAbout(100, fleet.takeAll({0}, 100));
        fleet.held[0].resize(10);
        fleet.tick(1'000);
        assertAbout(100, fleet.takeAll({1}, 100));
    }

    void aFewNeedNoQuestion()
    {
        Fleet fleet(3);
        fleet.limits.hold(true);
        for (int times = 0; times < 33; ++times)
        {
            fleet.held[0].push_back(fleet.quotas[0]->take("a", 1000));
            CPPUNIT_ASSERT(fleet.held[0].back());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), fleet.limits.deliver());
    }

    void eachHasItsPartWhileTheStoreIsAway()
    {
        Fleet fleet(3);
        for (std::size_t at = 0; at < 3; ++at) // all of them know how many there are
            fleet.held[at].push_back(fleet.quotas[at]->take("b", 5));
        fleet.limits.setAway(true);
        fleet.held.assign(3, {});
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), fleet.takeAll({0}, 300));
        CPPUNIT_ASSERT_EQUAL(std::size_t(300), fleet.takeAll({0, 1, 2}, 300));
    }

    void aStoreThatForgotLearnsWhatIsHeld()
    {
        Fleet fleet(2);
        assertAbout(100, fleet.takeAll({0}, 100));
        fleet.limits.forget();
        fleet.tick(store::SharedLimits::RESERVED_MS); // renewed in time
        assertAbout(100, fleet.takeAll({1}, 100));
    }

    void aQuotaMayBeGone()
    {
        Fleet fleet(1);
        (void)fleet.takeAll({0}, 10);
        fleet.quotas.clear();
        fleet.tick(1'000);
        fleet.held.clear();
        fleet.tick(2'000);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SharedQuotasTest);

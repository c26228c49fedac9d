#include "base/limits/Budget.h"
#include "base/limits/HolderBudgets.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>
#include <utility>
#include <vector>

using namespace tenon::base;

class BudgetTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BudgetTest);
    CPPUNIT_TEST(refusesWhatDoesNotFitAndTakesNothingOfIt);
    CPPUNIT_TEST(anOverdrawnBudgetRefusesUntilItIsGivenBack);
    CPPUNIT_TEST(aClaimOfAnySizeDoesNotWrapAround);
    CPPUNIT_TEST(aHoldersBytesAreTheServersToo);
    CPPUNIT_TEST(aShareGivesBackWhatItHolds);
    CPPUNIT_TEST(aMovedShareGivesBackOnce);
    CPPUNIT_TEST(aShareWithoutABudgetRefusesNothing);
    CPPUNIT_TEST(oneHolderLeavesRoomForOthers);
    CPPUNIT_TEST(aPartThatIsFullLeavesTheRest);
    CPPUNIT_TEST(whoHoldsNothingIsForgotten);
    CPPUNIT_TEST(neverPassesItsLimitWhoeverTakes);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint64_t MB = 1024 * 1024;

public:
    void refusesWhatDoesNotFitAndTakesNothingOfIt()
    {
        Budget budget(100);
        CPPUNIT_ASSERT(budget.tryTake(60));
        CPPUNIT_ASSERT(!budget.tryTake(41));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(60), budget.used());
        CPPUNIT_ASSERT(budget.tryTake(40));
        CPPUNIT_ASSERT(!budget.tryTake(1));
    }

    void anOverdrawnBudgetRefusesUntilItIsGivenBack()
    {
        Budget budget(100);
        budget.take(150);
        CPPUNIT_ASSERT(!budget.tryTake(1));
        budget.give(100);
        CPPUNIT_ASSERT(budget.tryTake(50));
        budget.setLimit(10);
        CPPUNIT_ASSERT(!budget.tryTake(0));
    }

    void aClaimOfAnySizeDoesNotWrapAround()
    {
        Budget budget(100);
        CPPUNIT_ASSERT(budget.tryTake(50));
        CPPUNIT_ASSERT(!budget.tryTake(Budget::UNLIMITED));
        CPPUNIT_ASSERT(!budget.tryTake(Budget::UNLIMITED - 40));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(50), budget.used());
    }

    void aHoldersBytesAreTheServersToo()
    {
        Budget server(100);
        Budget one(80, &server), other(80, &server);
        CPPUNIT_ASSERT(one.tryTake(80));
        CPPUNIT_ASSERT(!other.tryTake(30));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("what the server refused is not left with the holder", std::uint64_t(0),
                                     other.used());
        CPPUNIT_ASSERT(!one.tryTake(1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(80), server.used());
        one.give(80);
        other.take(120);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(120), server.used());
    }

    void aShareGivesBackWhatItHolds()
    {
        Budget budget(100);
        {
            BudgetShare share(budget);
            CPPUNIT_ASSERT(share.tryResize(70));
            CPPUNIT_ASSERT(!share.tryResize(101));
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(70), share.bytes());
            CPPUNIT_ASSERT(share.tryResize(20));
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(20), budget.used());
            share.resize(300);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(300), budget.used());
            CPPUNIT_ASSERT_MESSAGE("shrinking is never refused", share.tryResize(200));
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), budget.used());
    }

    void oneHolderLeavesRoomForOthers()
    {
        Budget server(900 * MB);
        HolderBudgets budgets(server, 3);
        auto one = budgets.shareOf("one", {}), same = budgets.shareOf("one", {}), other = budgets.shareOf("other", {});
        CPPUNIT_ASSERT(one.tryResize(60 * MB));
        CPPUNIT_ASSERT(same.tryResize(30 * MB));
        CPPUNIT_ASSERT(!same.tryResize(31 * MB)); // a tenth of all
        CPPUNIT_ASSERT(!budgets.full(MB));
        CPPUNIT_ASSERT(other.tryResize(90 * MB));
        same = HolderShare();
        CPPUNIT_ASSERT(one.tryResize(90 * MB));
        CPPUNIT_ASSERT_EQUAL(180 * MB, server.used());
        // What a small server has is enough for some messages of the usual size.
        Budget small(64 * MB);
        HolderBudgets few(small, 2);
        CPPUNIT_ASSERT(few.shareOf("one", {}).tryResize(16 * MB));
    }

    void aPartThatIsFullLeavesTheRest()
    {
        Budget server(300 * MB);
        HolderBudgets budgets(server, 3);
        HolderLimits all;
        all.sharePercent = 100;
        auto one = budgets.shareOf("one", all), nobody = budgets.shareOf({}, {});
        CPPUNIT_ASSERT(one.tryResize(60 * MB) && nobody.tryResize(40 * MB));
        CPPUNIT_ASSERT(!budgets.shareOf("other", {}).tryResize(1));
        CPPUNIT_ASSERT(budgets.full(1));
        CPPUNIT_ASSERT(server.tryTake(200 * MB));
        nobody.resize(0);
        CPPUNIT_ASSERT(!budgets.full(1));
        server.take(50 * MB);
        CPPUNIT_ASSERT(budgets.full(1));
    }

    void whoHoldsNothingIsForgotten()
    {
        Budget server(300 * MB);
        HolderBudgets budgets(server, 3);
        {
            auto one = budgets.shareOf("one", {}), other = budgets.shareOf("other", {});
            CPPUNIT_ASSERT_EQUAL(std::size_t(2), budgets.holders());
            one = std::move(other);
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), budgets.holders());
            CPPUNIT_ASSERT(one.tryResize(MB));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), budgets.holders());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), server.used());
    }

    void aMovedShareGivesBackOnce()
    {
        Budget budget(100);
        BudgetShare first(budget);
        first.resize(10);
        BudgetShare second(std::move(first));
        BudgetShare third(budget);
        third.resize(5);
        third = std::move(second);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), budget.used());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), third.bytes());
        third = BudgetShare();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), budget.used());
    }

    void aShareWithoutABudgetRefusesNothing()
    {
        BudgetShare share;
        CPPUNIT_ASSERT(share.tryResize(Budget::UNLIMITED));
        share.resize(1);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), share.bytes());
    }

    void neverPassesItsLimitWhoeverTakes()
    {
        Budget budget(1000);
        std::vector<std::thread> threads;
        std::atomic<bool> passed{false};
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back(
                [&]
                {
                    for (int round = 0; round < 2000; ++round)
                        if (budget.tryTake(300))
                        {
                            passed = passed || budget.used() > 1000;
                            budget.give(300);
                        }
                });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT(!passed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), budget.used());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BudgetTest);

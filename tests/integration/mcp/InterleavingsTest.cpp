// Ten thousand random interleavings of what clients, plugins and time do to calls, sessions and streams. None may lose an
// answer, give a second one, or leave anything behind.
//
//   TENON_INTERLEAVINGS_SEED   where to begin, printed by every run; the same seed gives the same plans
//   TENON_INTERLEAVINGS_COUNT  how many (10000)
//   TENON_INTERLEAVINGS_MS     after how many milliseconds to stop early (50000)
#include "integration/mcp/Plan.h"
#include "integration/mcp/Scenario.h"

#include <cppunit/extensions/HelperMacros.h>

#include <barrier>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace tenon::tests;

namespace
{

constexpr std::size_t THREADS = 3;
constexpr std::uint64_t SERVER_LIFE = 500; ///< interleavings; then another one, so that its end is tried as well

std::uint64_t numberOf(const char* variable, std::uint64_t otherwise)
{
    const char* const text = std::getenv(variable);
    return text && *text ? std::stoull(text) : otherwise;
}

} // namespace

class InterleavingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InterleavingsTest);
    CPPUNIT_TEST(nothingIsLostDoubledOrLeft);
    CPPUNIT_TEST_SUITE_END();

public:
    void nothingIsLostDoubledOrLeft()
    {
        const auto seed = numberOf("TENON_INTERLEAVINGS_SEED", std::random_device()());
        const auto count = numberOf("TENON_INTERLEAVINGS_COUNT", 10'000);
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(numberOf("TENON_INTERLEAVINGS_MS", 50'000));
        std::cerr << "\nTENON_INTERLEAVINGS_SEED=" << seed << std::endl;

        std::unique_ptr<Playground> playground;
        std::unique_ptr<Scenario> scenario;
        std::vector<std::vector<Step>> plan;
        bool over = false;
        std::barrier meet(THREADS + 1);
        std::vector<std::thread> threads;
        for (std::size_t thread = 0; thread < THREADS; ++thread)
            threads.emplace_back(
                [&, thread]
                {
                    for (;;)
                    {
                        meet.arrive_and_wait();
                        if (over)
                            return;
                        for (const auto& step : plan[thread])
                            scenario->step(step);
                        meet.arrive_and_wait();
                    }
                });

        std::string faults;
        std::uint64_t done = 0;
        while (done < count && faults.empty() && std::chrono::steady_clock::now() < until)
        {
            if (done % SERVER_LIFE == 0)
            {
                scenario.reset();
                playground = std::make_unique<Playground>();
            }
            plan = planOf(seed + done, THREADS);
            scenario = std::make_unique<Scenario>(*playground, seed + done);
            meet.arrive_and_wait();
            meet.arrive_and_wait();
            faults = scenario->judge();
            if (!faults.empty())
                faults = "TENON_INTERLEAVINGS_SEED=" + std::to_string(seed + done) +
                         " TENON_INTERLEAVINGS_COUNT=1: " + faults;
            ++done;
        }
        over = true;
        meet.arrive_and_wait();
        for (auto& thread : threads)
            thread.join();
        std::cerr << done << " interleavings" << std::endl;
        CPPUNIT_ASSERT_MESSAGE(faults, faults.empty());
        CPPUNIT_ASSERT(done > 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InterleavingsTest);

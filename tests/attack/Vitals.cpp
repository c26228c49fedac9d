#include "attack/Vitals.h"

#include "support/Processes.h"
#include "support/Sanitizer.h"

#include <cppunit/TestAssert.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tenon::tests
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr long FEW_KB = 2048;
constexpr std::size_t FEW_DESCRIPTORS = 4;
constexpr std::size_t FEW_THREADS = 2;

template <typename Number>
bool level(Number now, Number before, Number few)
{
    return now <= before + std::max<Number>(before / 10, few);
}

std::size_t entries(const std::filesystem::path& folder)
{
    std::error_code gone;
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder, gone), {}));
}

} // namespace

std::chrono::seconds attackTime()
{
    const char* text = std::getenv("TENON_ATTACK_SECONDS");
    return std::chrono::seconds(text ? std::max(1, std::atoi(text)) : 4);
}

Vitals::Vitals(int process)
{
    const std::filesystem::path folder = "/proc/" + std::to_string(process);
    std::ifstream status(folder / "status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            residentKb = std::atol(line.c_str() + 6);
    descriptors = entries(folder / "fd");
    threads = entries(folder / "task");
}

void Vitals::raiseTo(const Vitals& other)
{
    residentKb = std::max(residentKb, other.residentKb);
    descriptors = std::max(descriptors, other.descriptors);
    threads = std::max(threads, other.threads);
}

bool Vitals::isLevelWith(const Vitals& before) const
{
    return level(residentKb, before.residentKb, FEW_KB) && level(descriptors, before.descriptors, FEW_DESCRIPTORS) &&
           level(threads, before.threads, FEW_THREADS);
}

std::string Vitals::text() const
{
    return std::to_string(residentKb / 1024) + " MB resident, " + std::to_string(descriptors) + " descriptors, " +
           std::to_string(threads) + " threads";
}

void assertGone(const std::vector<int>& left)
{
    const auto until = Clock::now() + std::chrono::seconds(15);
    for (const int process : left)
        while (livingProcesses().contains(process))
        {
            CPPUNIT_ASSERT_MESSAGE("process " + std::to_string(process) + " was left", Clock::now() < until);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
}

void assertEndsInTime(ServerProcess& server, std::chrono::milliseconds drain)
{
    // Stopping may take five seconds beside the draining.
    const auto most = (drain + std::chrono::milliseconds(5'000)) * SLOWER;
    const auto workers = descendantsOf(server.pid());
    const auto begin = Clock::now();
    server.signal(SIGTERM);
    const int status = server.waitForEnd(most + std::chrono::milliseconds(30'000));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    CPPUNIT_ASSERT_MESSAGE(std::to_string(took.count()) + " ms", took < most);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(server.output(), 0, status); // which a sanitizer changes, at the very end too
    assertGone(workers);
}

void assertLeavesNothing(ServerProcess& server)
{
    const auto workers = descendantsOf(server.pid());
    server.signal(SIGKILL);
    (void)server.waitForEnd();
    assertGone(workers);
}

} // namespace tenon::tests

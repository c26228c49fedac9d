#include "integration/plugin/Crowd.h"
#include "support/Mcp.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

using namespace tenon::tests;

namespace
{

using Clock = std::chrono::steady_clock;

std::chrono::seconds attackTime()
{
    const char* text = std::getenv("TENON_ATTACK_SECONDS");
    return std::chrono::seconds(text ? std::max(1, std::atoi(text)) : 4);
}

/// The processes of this machine with their parents.
std::map<int, int> processes()
{
    std::map<int, int> parents;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    {
        const std::string name = entry.path().filename().string();
        if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
            continue;
        std::string text;
        std::getline(std::ifstream(entry.path() / "stat"), text);
        const auto close = text.rfind(')');
        if (close == std::string::npos)
            continue;
        std::istringstream fields(text.substr(close + 1));
        std::string state;
        int parent = 0;
        fields >> state >> parent;
        if (state != "Z")
            parents[std::stoi(name)] = parent;
    }
    return parents;
}

std::vector<int> below(int process)
{
    const auto parents = processes();
    std::vector<int> found{process};
    for (std::size_t at = 0; at < found.size(); ++at)
        for (const auto& [child, parent] : parents)
            if (parent == found[at])
                found.push_back(child);
    found.erase(found.begin());
    return found;
}

} // namespace

/// Plugins that crash, hang, leave processes behind and try their jail, all at once and without end, beside clients of a
/// good one.
class PluginsAttack : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginsAttack);
    CPPUNIT_TEST(others);
    CPPUNIT_TEST(sigtermEndsIt);
    CPPUNIT_TEST(sigkillLeavesNothing);
    CPPUNIT_TEST_SUITE_END();

    const TemporaryFolder _folder;
    std::unique_ptr<ServerProcess> _server;
    std::atomic<bool> _ending{false};
    std::vector<std::thread> _attackers;

public:
    void setUp() override
    {
        ServerProcess::Arguments arguments{"--plugins.directory=" + _folder.path(),
                                           "--plugins.isolation=process",
                                           "--plugins.graceMs=200",
                                           "--plugins.loadTimeoutMs=5000",
                                           "--timeouts.requestMs=1000",
                                           "--timeouts.drainMs=500",
                                           "--log.level=error"};
        for (const char* plugin : {"echo", "crashes", "leaves_processes", "never_returns", "hangs_where_told",
                                   "hostile_syscalls", "memory_bomb", "writes_frames", "stack_overflow"})
        {
            std::filesystem::copy(std::string(TENON_TEST_FIXTURES "/") + plugin + ".so",
                                  _folder.path(std::string(plugin) + ".so"));
            arguments.push_back(std::string("--plugin.") + plugin + ".maxCrashes=1000");
        }
        for (const char* more : {"crashes.workers=3", "leaves_processes.workers=each", "hostile_syscalls.workers=2",
                                 "hostile_syscalls.outside=/tmp", "hostile_syscalls.secret=HOME",
                                 "hangs_where_told.where=stop", "memory_bomb.limits.residentMb=200"})
            arguments.push_back(std::string("--plugin.") + more);
        if (!UNDER_SANITIZER) // what a sanitizer needs, a jail forbids
            arguments.push_back("--plugin.hostile_syscalls.sandbox.network=false");
        _server = ServerProcess::serve(arguments);
        arguments.clear();
    }

    void tearDown() override
    {
        end();
        _server.reset();
    }

private:
    void attack()
    {
        for (const char* tool : {"crash", "overflow", "fork_and_abort", "detach", "die_alone", "hang", "attack", "bomb",
                                 "pieces", "malformed"})
            _attackers.emplace_back(
                [this, tool]
                {
                    while (!_ending)
                        try
                        {
                            (void)modernRequest(_server->port(), "tools/call",
                                                R"("name":")" + std::string(tool) + R"(","arguments":{})", tool);
                        }
                        catch (const std::exception&)
                        {
                            std::this_thread::sleep_for(std::chrono::milliseconds(10)); // it is ending
                        }
                });
    }

    void end()
    {
        _ending = true;
        for (auto& attacker : _attackers)
            attacker.join();
        _attackers.clear();
    }

    void others()
    {
        Crowd crowd(_server->port(), 20);
        attack();
        const auto until = Clock::now() + attackTime();
        while (Clock::now() < until)
            crowd.assertContent("plugins do their worst", std::chrono::seconds(UNDER_SANITIZER ? 20 : 5));
        end();
        crowd.assertContent("they have done");
    }

    void sigtermEndsIt()
    {
        attack();
        std::this_thread::sleep_for(std::chrono::seconds(1));
        const auto begin = Clock::now();
        const auto workers = below(_server->pid());
        _server->signal(SIGTERM);
        (void)_server->waitForEnd();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
        CPPUNIT_ASSERT_MESSAGE(std::to_string(took) + " ms", took < (UNDER_SANITIZER ? 20000 : 500 + 5000 + 500));
        assertGone(workers);
    }

    void sigkillLeavesNothing()
    {
        attack();
        std::this_thread::sleep_for(std::chrono::seconds(1));
        const auto workers = below(_server->pid());
        CPPUNIT_ASSERT(workers.size() > 8);
        _server->signal(SIGKILL);
        (void)_server->waitForEnd();
        assertGone(workers);
    }

    static void assertGone(const std::vector<int>& workers)
    {
        const auto until = Clock::now() + std::chrono::seconds(15);
        for (const int worker : workers)
            while (processes().contains(worker))
            {
                CPPUNIT_ASSERT_MESSAGE("process " + std::to_string(worker) + " was left", Clock::now() < until);
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginsAttack);

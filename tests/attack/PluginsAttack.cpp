#include "attack/Vitals.h"
#include "integration/plugin/Crowd.h"
#include "support/Mcp.h"
#include "support/Processes.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

using namespace tenon::tests;

namespace
{

using Clock = std::chrono::steady_clock;

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
                                           "--plugins.loadTimeoutMs=" + std::to_string(5000 * SLOWER),
                                           "--timeouts.requestMs=" + std::to_string(1000 * SLOWER),
                                           "--timeouts.drainMs=500",
                                           "--log.level=error"};
        for (const char* plugin : {"echo", "crashes", "leaves_processes", "never_returns", "hangs_where_told",
                                   "hostile_syscalls", "memory_bomb", "writes_frames", "stack_overflow"})
        {
            std::filesystem::copy(std::string(TENON_TEST_FIXTURES "/") + plugin + ".so",
                                  _folder.path(std::string(plugin) + ".so"));
            arguments.push_back(std::string("--plugin.") + plugin + ".maxCrashes=1000");
        }
        for (const char* more : {"crashes.workers=3", "leaves_processes.workers=each", "hostile_syscalls.workers=4",
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
            crowd.assertContent("plugins do their worst", std::chrono::seconds(5));
        end();
        crowd.assertContent("they have done");
    }

    void sigtermEndsIt()
    {
        attack();
        std::this_thread::sleep_for(std::chrono::seconds(1));
        assertEndsInTime(*_server, std::chrono::milliseconds(500));
    }

    void sigkillLeavesNothing()
    {
        attack();
        std::this_thread::sleep_for(std::chrono::seconds(1));
        CPPUNIT_ASSERT(descendantsOf(_server->pid()).size() > 8);
        assertLeavesNothing(*_server);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginsAttack);

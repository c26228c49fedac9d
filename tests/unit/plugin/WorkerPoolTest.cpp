#include "unit/plugin/PluginFolder.h"

#include <csignal>
#include <set>
#include <thread>

#include <sys/types.h>

namespace tenon::plugin
{

/// Plugins in several workers, and in one for each call.
class WorkerPoolTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorkerPoolTest);
    CPPUNIT_TEST(callsGoToTheLeastBusy);
    CPPUNIT_TEST(aCrashEndsTheCallsOfItsWorkerAlone);
    CPPUNIT_TEST(callsInOtherWorkersGoOn);
    CPPUNIT_TEST(eachCallHasAFreshProcess);
    CPPUNIT_TEST(crashesOfFreshProcessesSwitchNothingOff);
    CPPUNIT_TEST(hostileCallsHurtNoOther);
    CPPUNIT_TEST(unknownNumbersOfWorkersAreRefused);
    CPPUNIT_TEST_SUITE_END();

    template <typename Condition>
    static void until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!condition())
        {
            CPPUNIT_ASSERT_MESSAGE("it did not happen in time", std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    static PluginManager& start(PluginFolder& folder, std::map<std::string, std::string> values)
    {
        values.emplace("plugins.isolation", "process");
        values.emplace("plugins.graceMs", "100");
        auto& manager = folder.start(std::move(values), TENON_WORKER);
        return manager;
    }

    static void awaitWorkers(PluginManager& manager, std::uint64_t count)
    {
        until([&] { return manager.status().at(0).instance.workersRunning == count; });
    }

    void callsGoToTheLeastBusy()
    {
        PluginFolder folder{{"leaves_processes", "echo"}};
        auto& manager = start(folder, {{"plugin.echo.workers", "3"}, {"plugin.echo.prefix", "e_"}});
        awaitWorkers(manager, 3);
        std::vector<std::shared_ptr<FakeCall>> calls;
        for (int count = 0; count < 6; ++count)
        {
            calls.push_back(std::make_shared<FakeCall>());
            PluginFolder::enter(manager, "e_wait_cancelled", calls.back());
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(6), manager.status().at(0).instance.callsInside);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(3), manager.status().at(0).instance.workers);
        for (const auto& call : calls)
            call->cancel();
        for (const auto& call : calls)
            CPPUNIT_ASSERT(call->wait());
    }

    void aCrashEndsTheCallsOfItsWorkerAlone()
    {
        PluginFolder folder{{"crashes"}};
        auto& manager = start(folder, {{"plugin.crashes.workers", "2"}, {"plugin.crashes.maxCrashes", "100"}});
        awaitWorkers(manager, 2);
        // The first is busy, so the crash is the other's.
        for (int round = 0; round < 3; ++round)
        {
            const auto crash = PluginFolder::call(manager, "crash");
            ASSERT_CONTAINS("crashed (error id", crash->failureMessage);
            CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "crashes_not")->text());
        }
        awaitWorkers(manager, 2);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(3), manager.status().at(0).instance.crashes);
    }

    void callsInOtherWorkersGoOn()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder, {{"plugin.echo.workers", "3"}});
        awaitWorkers(manager, 3);
        std::vector<std::shared_ptr<FakeCall>> calls;
        for (int count = 0; count < 3; ++count) // one in each
        {
            calls.push_back(std::make_shared<FakeCall>());
            PluginFolder::enter(manager, "wait_cancelled", calls.back());
        }
        kill(static_cast<pid_t>(manager.status().at(0).instance.processId), SIGKILL);
        // Another one in its place: by then its calls have been told.
        until([&] { return manager.status().at(0).instance.restarts == 1; });
        awaitWorkers(manager, 3);
        int crashed = 0;
        for (const auto& call : calls)
        {
            call->cancel();
            CPPUNIT_ASSERT(call->wait());
            crashed += call->failureMessage.find("crashed (error id") != std::string::npos ? 1 : 0;
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE("calls that failed with their worker", 1, crashed);
    }

    void eachCallHasAFreshProcess()
    {
        PluginFolder folder{{"leaves_processes"}};
        auto& manager = start(folder, {{"plugin.leaves_processes.workers", "each"}});
        std::set<std::string> processes;
        for (int count = 0; count < 6; ++count)
            processes.insert(PluginFolder::call(manager, "identify")->text());
        CPPUNIT_ASSERT_EQUAL(std::size_t(6), processes.size());
        for (const auto& process : processes)
            until([&] { return kill(std::stoi(process), 0) != 0; });
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.crashes);
    }

    /// Or one caller could have the plugin switched off for all.
    void crashesOfFreshProcessesSwitchNothingOff()
    {
        PluginFolder folder{{"leaves_processes"}};
        auto& manager =
            start(folder, {{"plugin.leaves_processes.workers", "each"}, {"plugin.leaves_processes.maxCrashes", "2"}});
        for (int count = 0; count < 4; ++count)
            ASSERT_CONTAINS("crashed (error id", PluginFolder::call(manager, "die_alone")->failureMessage);
        CPPUNIT_ASSERT(!PluginFolder::call(manager, "identify")->text().empty());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4), manager.status().at(0).instance.crashes);
    }

    /// Twenty clients of a good tool, while another one of the same plugin, in a jail, tries all it can.
    void hostileCallsHurtNoOther()
    {
        if (UNDER_SANITIZER)
            return; // they need what the jail forbids
        PluginFolder folder{{"hostile_syscalls"}};
        const std::string at = "plugin.hostile_syscalls.";
        auto& manager = start(folder, {{at + "workers", "4"},
                                       {at + "sandbox.network", "false"},
                                       {at + "victim", std::to_string(getpid())},
                                       {at + "outside", "/tmp"},
                                       {at + "secret", "PWD"}});
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "hostile_syscalls"));
        awaitWorkers(manager, 4);
        std::atomic<bool> ending{false};
        std::atomic<int> good{0}, bad{0};
        std::vector<std::thread> clients;
        for (int client = 0; client < 20; ++client)
            clients.emplace_back(
                [&]
                {
                    while (!ending)
                    {
                        const auto call = std::make_shared<FakeCall>();
                        PluginFolder::enter(manager, "attacks_not", call);
                        (call->wait() && call->text() == "well" ? good : bad)++;
                    }
                });
        std::set<std::string> reports;
        for (int attack = 0; attack < 20; ++attack)
        {
            const auto call = std::make_shared<FakeCall>();
            PluginFolder::enter(manager, "attack", call);
            reports.insert(call->wait(std::chrono::seconds(30)) ? afterColon(call->text()) : "no answer");
        }
        ending = true;
        for (auto& client : clients)
            client.join();
        CPPUNIT_ASSERT_EQUAL(std::string(""), *reports.rbegin());
        CPPUNIT_ASSERT_EQUAL(0, bad.load());
        CPPUNIT_ASSERT(good > 20);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.crashes);
    }

    static std::string afterColon(const std::string& text) { return text.substr(text.find(':') + 1); }

    void unknownNumbersOfWorkersAreRefused()
    {
        for (const char* workers : {"0", "-1", "many", "257"})
        {
            PluginFolder folder{{"echo"}};
            auto& manager = start(folder, {{"plugin.echo.workers", workers}});
            ASSERT_CONTAINS("'plugin.echo.workers' must be", reasonOf(manager, "echo"));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkerPoolTest);

} // namespace tenon::plugin

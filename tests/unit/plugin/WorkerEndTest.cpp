#include "unit/plugin/PluginFolder.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <sys/prctl.h>
#include <sys/types.h>

namespace tenon::plugin
{

/// What is left of a worker when it has ended: nothing, whatever it started.
class WorkerEndTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorkerEndTest);
    CPPUNIT_TEST(aCrashIsSeenThoughAChildHoldsTheChannel);
    CPPUNIT_TEST(whatAWorkerStartedEndsWithIt);
    CPPUNIT_TEST(killedWorkersTakeTheirChildrenAlong);
    CPPUNIT_TEST(environmentIsClean);
    CPPUNIT_TEST_SUITE_END();

public:
    /// Whoever loses its parent comes here: below process 1 it would be out of sight.
    void setUp() override { prctl(PR_SET_CHILD_SUBREAPER, 1); }
    void tearDown() override { prctl(PR_SET_CHILD_SUBREAPER, 0); }

private:
    static PluginManager& start(PluginFolder& folder, std::map<std::string, std::string> values = {})
    {
        values.emplace("plugins.isolation", "process");
        return folder.start(std::move(values), TENON_WORKER);
    }

    template <typename Condition>
    static void until(const std::string& what, Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition())
        {
            CPPUNIT_ASSERT_MESSAGE(what, std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    /// The processes below this one, with all below them.
    static std::set<pid_t> descendants()
    {
        std::set<pid_t> found, open{getpid()};
        while (!open.empty())
        {
            std::set<pid_t> next;
            for (const pid_t process : open)
            {
                std::error_code none;
                for (const auto& thread :
                     std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", none))
                {
                    std::ifstream children(thread.path() / "children");
                    for (pid_t child = 0; children >> child;)
                        if (found.insert(child).second)
                            next.insert(child);
                }
            }
            open.swap(next);
        }
        return found;
    }

    void aCrashIsSeenThoughAChildHoldsTheChannel()
    {
        PluginFolder folder{{"leaves_processes"}};
        const auto before = descendants();
        auto& manager = start(folder);
        ASSERT_CONTAINS("crashed (error id", PluginFolder::call(manager, "fork_and_abort")->failureMessage);
        CPPUNIT_ASSERT(!PluginFolder::call(manager, "identify")->text().empty());
        manager.stop();
        until("a process was left", [&] { return descendants() == before; });
    }

    void whatAWorkerStartedEndsWithIt()
    {
        PluginFolder folder{{"leaves_processes"}};
        const auto before = descendants();
        auto& manager = start(folder);
        CPPUNIT_ASSERT_EQUAL(std::string("detached"), PluginFolder::call(manager, "detach")->text());
        until("nothing was started", [&] { return descendants().size() >= before.size() + 4; });
        manager.stop();
        until("a process was left", [&] { return descendants() == before; });
    }

    void killedWorkersTakeTheirChildrenAlong()
    {
        PluginFolder folder{{"leaves_processes"}};
        const auto before = descendants();
        auto& manager = start(folder);
        CPPUNIT_ASSERT_EQUAL(std::string("detached"), PluginFolder::call(manager, "detach")->text());
        const pid_t worker = static_cast<pid_t>(manager.status().at(0).instance.processId);
        CPPUNIT_ASSERT_EQUAL(std::to_string(worker), PluginFolder::call(manager, "identify")->text());
        kill(worker, SIGKILL);
        until("its end was not seen", [&] { return manager.status().at(0).instance.crashes == 1; });
        CPPUNIT_ASSERT(!PluginFolder::call(manager, "identify")->text().empty());
        until("a process was left", [&] { return descendants().size() <= before.size() + 2; });
    }

    void environmentIsClean()
    {
        setenv("TENON_TEST_SECRET", "of the server", 1);
        PluginFolder folder{{"escapes"}};
        auto& manager = start(folder, {{"plugin.escapes.env.COLOUR", "green"}});
        const auto pid = std::to_string(manager.status().at(0).instance.processId);
        std::ifstream file("/proc/" + pid + "/environ");
        std::stringstream text;
        text << file.rdbuf();
        const std::string environment = text.str();
        CPPUNIT_ASSERT(environment.find("COLOUR=green") != std::string::npos);
        CPPUNIT_ASSERT(environment.find("PATH=") != std::string::npos);
        CPPUNIT_ASSERT(environment.find("SECRET") == std::string::npos);
        unsetenv("TENON_TEST_SECRET");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkerEndTest);

} // namespace tenon::plugin

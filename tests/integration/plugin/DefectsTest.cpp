#include "integration/plugin/Crowd.h"
#include "support/Mcp.h"
#include "support/Processes.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <vector>

using namespace tenon::tests;

namespace
{

constexpr std::int64_t TIMEOUT_MS = 400;
constexpr std::int64_t LATE_MS = 200; // what an answer may come later than its deadline

/// What a caller of a plugin with a defect gets.
struct Defect
{
    const char* plugin;
    const char* tool;
    /// A part of the answer's text, "error: " before it if `isError`; null where nothing could be got, for `reason`.
    const char* inProcess;
    const char* inWorker;
    const char* reason = "";
    bool timed = false; ///< the answer comes from the clock
};

constexpr const char* ENDS_THE_PROCESS = "ends the process that runs it, whose only defence is another process";
constexpr const char* TAKES_ALL = "takes what the server needs itself, and a process has one account of it";

const Defect DEFECTS[] = {
    {"crashes", "crash", nullptr, "error: the plugin 'crashes' crashed (error id", ENDS_THE_PROCESS},
    {"stack_overflow", "overflow", nullptr, "error: the plugin 'stack_overflow' crashed (error id", ENDS_THE_PROCESS},
    {"aborts", "abort", nullptr, "error: the plugin 'aborts' crashed (error id", ENDS_THE_PROCESS},
    {"exits", "exit", nullptr, "error: the plugin 'exits' crashed (error id", ENDS_THE_PROCESS},
    {"closes_descriptors", "close", nullptr, "error: the plugin 'closes_descriptors' crashed (error id", TAKES_ALL},
    {"memory_bomb", "bomb", nullptr, "error: no memory left", TAKES_ALL},
    {"leaks_descriptors", "leak", nullptr, "descriptors exhausted", TAKES_ALL},
    {"throws", "throw", "error: the plugin 'throws' failed with an exception (error id",
     "error: the plugin 'throws' failed with an exception (error id"},
    {"throws", "throw_number", "error: the plugin 'throws' failed with an exception (error id",
     "error: the plugin 'throws' failed with an exception (error id"},
    {"throws", "throw_late", "finished before it threw", "finished before it threw"},
    {"prints_to_stdout", "print", "printed", "printed"},
    {"changes_directory", "change", "changed", "changed"},
    {"installs_signal_handlers", "install", "installed", "installed"},
    {"finishes_twice", "finish_twice", "first", "first"},
    {"finishes_late", "finish_late", "error: the plugin ended the call without a result",
     "error: the plugin ended the call without a result"},
    {"finishes_late", "late_status", "-4", "-4"}, // TENON_ERROR_STATE
    // In process it ends the server when its library is unloaded while the server goes on: its thread finds no code.
    {"outliving_threads", "leave_thread", "a thread was left behind", "a thread was left behind"},
    {"never_finishes", "forget", "error: the plugin ended the call without a result",
     "error: the plugin ended the call without a result"},
    {"never_finishes", "promise", "error: 'promise' did not finish within 400 ms",
     "error: 'promise' did not finish within 400 ms", "", true},
    {"never_returns", "hang", "error: 'hang' did not finish within 400 ms",
     "error: 'hang' did not finish within 400 ms", "", true},
    // Last: in the server's process it computes until the end.
    {"busy_loop", "spin", "error: 'spin' did not finish within 400 ms", "error: 'spin' did not finish within 400 ms",
     "", true},
};

} // namespace

/// Every defect that a plugin may have, each where it can be survived: what its caller gets, and that twenty clients of
/// another plugin notice nothing.
class DefectsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DefectsTest);
    CPPUNIT_TEST(inWorkers);
    CPPUNIT_TEST(inTheServersProcess);
    CPPUNIT_TEST(hungThreadsAreReplaced);
    CPPUNIT_TEST(hungThreadsBeyondTheLimitHurtTheirPluginOnly);
    CPPUNIT_TEST(crashesTraceIsInTheLog);
    CPPUNIT_TEST(quarantineIsSeenFromOutside);
    CPPUNIT_TEST(memoryThatIsReallyHeldIsLimited);
    CPPUNIT_TEST(workersDieWithAKilledServer);
    CPPUNIT_TEST(hangingPluginsKeepNobodyWaiting);
    CPPUNIT_TEST(whatAPluginWritesToTheServerIsNotBelieved);
    CPPUNIT_TEST_SUITE_END();

    using Clock = std::chrono::steady_clock;

    static void put(const TemporaryFolder& folder, const std::string& plugin)
    {
        const std::string target = folder.path(plugin + ".so");
        if (!std::filesystem::exists(target))
            std::filesystem::copy(TENON_TEST_FIXTURES "/" + plugin + ".so", target);
    }

    static std::unique_ptr<ServerProcess> serve(const TemporaryFolder& folder, const std::string& isolation,
                                                ServerProcess::Arguments more = {})
    {
        more.insert(more.end(), {"--plugins.directory=" + folder.path(), "--plugins.isolation=" + isolation,
                                 "--plugins.graceMs=300", "--log.level=information"});
        return ServerProcess::serve(more);
    }

    static std::string call(std::uint16_t port, const std::string& tool)
    {
        const HttpReply reply = modernRequest(port, "tools/call", R"("name":")" + tool + R"(","arguments":{})", tool);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(tool + ": " + reply.body, 200, reply.status);
        return toolText(reply.body);
    }

    static std::int64_t msSince(Clock::time_point begin)
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
    }

    /// Calls the tool of `defect`; one whose answer comes from the clock must give it in time. What the machine does
    /// besides may make that late once, but not always.
    static void assertAnswer(std::uint16_t port, const Defect& defect, const std::string& expected)
    {
        std::int64_t soonest = 0;
        for (int attempt = 0; attempt < 3; ++attempt)
        {
            const auto begin = Clock::now();
            const std::string text = call(port, defect.tool);
            const auto took = msSince(begin);
            CPPUNIT_ASSERT_MESSAGE(std::string(defect.plugin) + ": " + text, text.find(expected) == 0);
            if (!defect.timed)
                return;
            CPPUNIT_ASSERT_MESSAGE("too soon: " + std::to_string(took), took >= TIMEOUT_MS);
            soonest = attempt == 0 ? took : std::min(soonest, took);
            if (soonest <= TIMEOUT_MS + LATE_MS)
                return;
        }
        CPPUNIT_FAIL(std::string(defect.plugin) + ": answered " + std::to_string(soonest) + " ms after it was called");
    }

    static void assertAll(const std::string& isolation, const char* Defect::*expected)
    {
        const TemporaryFolder folder;
        ServerProcess::Arguments arguments;
        put(folder, "echo");
        for (const char* plugin : {"crashes_at_load", "throws_at_load"})
            put(folder, plugin);
        for (const Defect& defect : DEFECTS)
        {
            if (!(defect.*expected))
                continue;
            put(folder, defect.plugin);
            const std::string key = std::string("--plugin.") + defect.plugin;
            arguments.push_back(key + ".maxCrashes=1000");
            if (defect.timed)
                arguments.push_back(key + ".timeoutMs=" + std::to_string(TIMEOUT_MS));
        }
        if (isolation == "process")
            arguments.insert(arguments.end(), {"--plugin.memory_bomb.limits.memoryMb=512",
                                               "--plugin.leaks_descriptors.limits.descriptors=100"});
        const auto server = serve(folder, isolation, arguments);
        {
            Crowd crowd(server->port(), 20);
            crowd.assertContent("nothing happened");
            CPPUNIT_ASSERT_EQUAL(-32602,
                                 errorCode(modernRequest(server->port(), "tools/call",
                                                         R"("name":"never_loaded","arguments":{})", "never_loaded")
                                               .body));
            for (const Defect& defect : DEFECTS)
            {
                if (UNDER_SANITIZER && defect.reason == TAKES_ALL) // a sanitizer needs some of it, and ends
                    continue;
                if (!(defect.*expected))
                {
                    CPPUNIT_ASSERT_MESSAGE(defect.plugin, *defect.reason);
                    continue;
                }
                assertAnswer(server->port(), defect, defect.*expected);
                crowd.assertContent(std::string(defect.plugin) + " did what it does (" + isolation + ")");
            }
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
        for (const char* plugin : {"crashes_at_load", "throws_at_load"})
            CPPUNIT_ASSERT_MESSAGE(server->output(), server->output().find(plugin) != std::string::npos);
    }

    void inWorkers() { assertAll("process", &Defect::inWorker); }
    void inTheServersProcess() { assertAll("none", &Defect::inProcess); }

    /// More calls hang, one after the other, than there may be threads.
    void hungThreadsAreReplaced()
    {
        const TemporaryFolder folder;
        put(folder, "echo");
        put(folder, "never_returns");
        const auto server = serve(folder, "none", {"--http.maxThreads=4", "--plugin.never_returns.timeoutMs=100"});
        {
            Crowd crowd(server->port(), 20);
            for (int hung = 0; hung < 10; ++hung)
                CPPUNIT_ASSERT_EQUAL(std::string("error: 'hang' did not finish within 100 ms"),
                                     call(server->port(), "hang"));
            crowd.assertContent("ten calls hang");
            CPPUNIT_ASSERT_EQUAL(std::string("well"), call(server->port(), "hangs_not"));
        }
        server->waitForOutput("the thread is written off");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
    }

    void hungThreadsBeyondTheLimitHurtTheirPluginOnly()
    {
        const TemporaryFolder folder;
        put(folder, "echo");
        put(folder, "never_returns");
        const auto server =
            serve(folder, "none",
                  {"--http.maxThreads=4", "--plugins.maxLostThreads=2", "--plugin.never_returns.timeoutMs=100"});
        {
            Crowd crowd(server->port(), 20);
            // Two are written off; two of those that are not are all that the plugin may have.
            for (int hung = 0; hung < 6; ++hung)
                CPPUNIT_ASSERT_EQUAL(std::string("error: 'hang' did not finish within 100 ms"),
                                     call(server->port(), "hang"));
            CPPUNIT_ASSERT_EQUAL(std::string("error: 'hangs_not' did not finish within 100 ms"),
                                 call(server->port(), "hangs_not"));
            crowd.assertContent("six calls hang");
        }
        server->waitForOutput("plugins.maxLostThreads");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
    }

    void crashesTraceIsInTheLog()
    {
        const TemporaryFolder folder;
        put(folder, "crashes");
        put(folder, "prints_to_stdout");
        const auto server = serve(folder, "process", {"--log.format=text"});
        server->waitForOutput("printed: printed at start");
        (void)call(server->port(), "crash");
        server->waitForOutput(UNDER_ADDRESS_SANITIZER ? "its worker crashed" : "crashed in its worker with signal 11");
        server->waitForOutput("calls were inside");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
        if (UNDER_ADDRESS_SANITIZER) // it writes the trace itself
            return;
        // One entry of the log, and the plugin by its file in it.
        const std::string text = server->output();
        const auto head = text.find("tenon: the plugin 'crashes' crashed"), begin = text.rfind('\n', head) + 1;
        const std::string entry = text.substr(begin, text.find('\n', begin) - begin);
        CPPUNIT_ASSERT_MESSAGE(entry, entry.find("plugin.crashes") < head - begin);
        std::size_t frames = 0;
        for (auto at = entry.find("\\n"); at != std::string::npos; at = entry.find("\\n", at + 1))
            ++frames;
        CPPUNIT_ASSERT_MESSAGE(text, frames > 4);
        CPPUNIT_ASSERT_MESSAGE(entry, entry.find("\\ncrashes.") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(entry, entry.find("/proc/self") == std::string::npos);
    }

    void quarantineIsSeenFromOutside()
    {
        const TemporaryFolder folder;
        put(folder, "crashes");
        put(folder, "echo");
        const auto server = serve(folder, "process", {"--plugin.crashes.maxCrashes=2", "--plugins.required=crashes"});
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/ready").status);
        (void)call(server->port(), "crash");
        CPPUNIT_ASSERT_EQUAL(std::string("well"), call(server->port(), "crashes_not"));
        (void)call(server->port(), "crash");
        server->waitForOutput("quarantined after 2 crashes");
        const auto until = Clock::now() + std::chrono::seconds(10);
        while (exchange(server->port(), "GET", "/ready").status == 200)
            CPPUNIT_ASSERT(Clock::now() < until);
        CPPUNIT_ASSERT_EQUAL(503, exchange(server->port(), "GET", "/ready").status);
        CPPUNIT_ASSERT_EQUAL(std::string("error: the plugin 'crashes' is switched off after 2 crashes"),
                             call(server->port(), "crash"));
        const std::string tools = modernRequest(server->port(), "tools/list").body;
        CPPUNIT_ASSERT_MESSAGE(tools, tools.find("\"crash\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(tools, tools.find("\"echo\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
    }

    /// A start or a stop that does not return: the server listens, serves others, and ends in time.
    void hangingPluginsKeepNobodyWaiting()
    {
        for (const char* isolation : {"none", "process"})
            for (const char* where : {"start", "stop"})
            {
                const TemporaryFolder folder;
                put(folder, "hangs_where_told");
                put(folder, "echo");
                const auto server = serve(folder, isolation,
                                          {std::string("--plugin.hangs_where_told.where=") + where,
                                           "--plugins.loadTimeoutMs=2000", "--timeouts.drainMs=500"});
                if (std::string(where) == "start")
                    server->waitForOutput("its start did not return within 2000 ms");
                CPPUNIT_ASSERT_EQUAL(std::string("1"), call(server->port(), "count"));
                const auto begin = Clock::now();
                server->signal(SIGTERM);
                (void)server->waitForEnd();
                CPPUNIT_ASSERT_MESSAGE(where, msSince(begin) < 500 + 5000 + (UNDER_SANITIZER ? 5000 : 500));
            }
    }

    void memoryThatIsReallyHeldIsLimited()
    {
        const TemporaryFolder folder;
        put(folder, "memory_bomb");
        put(folder, "echo");
        const auto server = serve(folder, "process", {"--plugin.memory_bomb.limits.residentMb=256"});
        {
            Crowd crowd(server->port(), 20);
            const std::string text = call(server->port(), "bomb");
            CPPUNIT_ASSERT_MESSAGE(text, text.find("error: the plugin 'memory_bomb' crashed (error id") == 0);
            crowd.assertContent("a plugin took memory");
        }
        server->waitForOutput("it held more than 256 MB of memory");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
    }

    /// With what they started, though that has left their group, their session and their parent.
    void workersDieWithAKilledServer()
    {
        const TemporaryFolder folder;
        put(folder, "echo");
        put(folder, "leaves_processes");
        const auto server = serve(folder, "process");
        CPPUNIT_ASSERT_EQUAL(std::string("detached"), call(server->port(), "detach"));
        auto processes = descendantsOf(server->pid());
        const auto seen = Clock::now() + std::chrono::seconds(10);
        while (processes.size() < 6) // two keepers, two workers, and what was detached
        {
            CPPUNIT_ASSERT_MESSAGE(std::to_string(processes.size()), Clock::now() < seen);
            processes = descendantsOf(server->pid());
        }
        server->signal(SIGKILL);
        CPPUNIT_ASSERT_EQUAL(128 + SIGKILL, server->waitForEnd());
        const auto until = Clock::now() + std::chrono::seconds(10);
        for (const int process : processes)
            while (livingProcesses().contains(process))
                CPPUNIT_ASSERT_MESSAGE("an orphan", Clock::now() < until);
    }

    void whatAPluginWritesToTheServerIsNotBelieved()
    {
        const std::string crashed = "error: the plugin 'writes_frames' crashed (error id";
        const std::pair<const char*, std::string> cases[] = {
            {"malformed", crashed}, {"pieces", crashed}, {"asks", crashed}, {"remembers", "remembered"}, {"noise", ""}};
        for (const auto& [tool, expected] : cases)
        {
            const TemporaryFolder folder;
            put(folder, "echo");
            put(folder, "writes_frames");
            const auto server = serve(folder, "process");
            {
                Crowd crowd(server->port(), 5);
                const std::string text = call(server->port(), tool);
                CPPUNIT_ASSERT_MESSAGE(std::string(tool) + ": " + text, text.find(expected) == 0);
                crowd.assertContent(tool);
            }
            const long most = server->mostResidentKb();
            CPPUNIT_ASSERT_MESSAGE(std::string(tool) + ": " + std::to_string(most) + " kB",
                                   UNDER_SANITIZER || most < 800'000);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(tool + (": " + server->output()), 0, server->stop());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DefectsTest);

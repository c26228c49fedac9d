#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/NumberParser.h>
#include <Poco/String.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>

using namespace tenon::tests;

class DaemonTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DaemonTest);
    CPPUNIT_TEST(daemonServesAndEnds);
    CPPUNIT_TEST(theLauncherEndsAsTheStartDid);
    CPPUNIT_TEST(aRunningServerKeepsItsFile);
    CPPUNIT_TEST(hangupFindsARelativeFileOfSettings);
    CPPUNIT_TEST(statusReloadAndStop);
    CPPUNIT_TEST(commandsWithoutAServer);
    CPPUNIT_TEST_SUITE_END();

    /// A server in the background, which ends with this object.
    class Daemon
    {
    public:
        explicit Daemon(const TemporaryFolder& folder, ServerProcess::Arguments arguments = {}) : _folder(folder)
        {
            arguments.insert(arguments.begin(),
                             {"--daemon", pidFile(), "--http.port=0", control(),
                              "--plugins.directory=" TENON_TEST_PLUGINS, "--log.file=" + folder.path("tenon.log")});
            const Finished launched = runToEnd(arguments);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(launched.error, 0, launched.status);
            const std::string mark = "Listening on http://127.0.0.1:";
            CPPUNIT_ASSERT_MESSAGE(launched.output, launched.output.starts_with(mark));
            port = static_cast<std::uint16_t>(std::stoi(launched.output.substr(mark.size())));
            pid = Poco::NumberParser::parse(Poco::trim(folder.read("tenon.pid")));
        }
        ~Daemon()
        {
            if (::kill(pid, 0) == 0)
                ::kill(pid, SIGKILL);
        }
        Daemon(const Daemon&) = delete;
        Daemon& operator=(const Daemon&) = delete;

        [[nodiscard]] std::string pidFile() const { return "--pidfile=" + _folder.path("tenon.pid"); }
        [[nodiscard]] std::string control() const { return "--control.directory=" + _folder.path(); }
        [[nodiscard]] bool ended() const { return ::kill(pid, 0) != 0; }

        std::uint16_t port = 0;
        int pid = 0;

    private:
        const TemporaryFolder& _folder;
    };

    void daemonServesAndEnds()
    {
        const TemporaryFolder folder;
        const Daemon daemon(folder);
        assertServes(daemon.port); // at once: the launcher has waited for it
        ::kill(daemon.pid, SIGTERM);
        CPPUNIT_ASSERT_MESSAGE(folder.read("tenon.log"), eventually([&] { return daemon.ended(); }));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the file with its process id stays", std::string(), folder.read("tenon.pid"));
        CPPUNIT_ASSERT(!folder.read("tenon.log").empty());
    }

    void theLauncherEndsAsTheStartDid()
    {
        const TemporaryFolder folder;
        const Poco::Net::ServerSocket other(Poco::Net::SocketAddress("127.0.0.1", 0));
        const std::string port = std::to_string(other.address().port());
        const std::string log = "--log.file=" + folder.path("tenon.log");
        const auto fails = [](const ServerProcess::Arguments& arguments, int status, const std::string& part)
        {
            ServerProcess::Arguments all{"--daemon", "--plugins.directory=" TENON_TEST_PLUGINS};
            all.insert(all.end(), arguments.begin(), arguments.end());
            const Finished finished = runToEnd(all);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.error, status, finished.status);
            CPPUNIT_ASSERT_MESSAGE(finished.error, finished.error.find(part) != std::string::npos);
        };
        fails({log, "--http.port=" + port}, 69, port);
        fails({log, "--http.port=0", "--pidfile=" + folder.path("none/tenon.pid")}, 69, "none/tenon.pid");
        fails({"--http.port=0"}, 78, "log.file");
        fails({"--http.port=0", "--log.file=" + folder.path("none/tenon.log")}, 78, "log.file");
        fails({log, "--http.port=zero"}, 78, "http.port");
    }

    void aRunningServerKeepsItsFile()
    {
        const TemporaryFolder folder;
        const Daemon daemon(folder);
        const std::string before = folder.read("tenon.pid");
        const Finished second =
            runToEnd({daemon.pidFile(), "--http.port=0", daemon.control(), "--plugins.directory=" TENON_TEST_PLUGINS});
        CPPUNIT_ASSERT(second.status != 0);
        CPPUNIT_ASSERT_MESSAGE(second.error,
                               second.error.find("process " + std::to_string(daemon.pid)) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(before, folder.read("tenon.pid"));
        assertServes(daemon.port);
    }

    void hangupFindsARelativeFileOfSettings()
    {
        const TemporaryFolder folder;
        folder.write("tenon.properties", "log.level = information\n");
        const std::string here = std::filesystem::current_path().string();
        std::filesystem::current_path(folder.path());
        const Daemon daemon(folder, {"--config=tenon.properties"});
        std::filesystem::current_path(here);
        ::kill(daemon.pid, SIGHUP);
        CPPUNIT_ASSERT(
            eventually([&] { return folder.read("tenon.log").find("settings reloaded") != std::string::npos; }));
    }

    void statusReloadAndStop()
    {
        const TemporaryFolder folder;
        const std::string config = folder.write("tenon.properties", "\n");
        const Daemon daemon(folder, {"--config=" + config});
        for (const std::string& which : {daemon.pidFile(), "--pid=" + std::to_string(daemon.pid), "--config=" + config})
        {
            const Finished status = runToEnd({"status", which, daemon.control()});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(status.error, 0, status.status);
            CPPUNIT_ASSERT_MESSAGE(status.output, status.output.find("ready") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(status.output, status.output.find("clock: running") != std::string::npos);
        }
        const auto json = parseObject(runToEnd({"status", "--json", daemon.pidFile(), daemon.control()}).output);
        CPPUNIT_ASSERT_EQUAL(daemon.pid, json->getValue<int>("pid"));

        CPPUNIT_ASSERT_EQUAL(0, runToEnd({"reload", daemon.pidFile(), daemon.control()}).status);
        for (const char* order : {"restart", "reload"})
        {
            const Finished done = runToEnd({"plugin", order, "clock", daemon.pidFile(), daemon.control()});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(done.error, 0, done.status);
            const Finished none = runToEnd({"plugin", order, "nobody", daemon.pidFile(), daemon.control()});
            CPPUNIT_ASSERT_EQUAL(1, none.status);
            CPPUNIT_ASSERT_MESSAGE(none.error, none.error.find("nobody") != std::string::npos);
        }
        assertServes(daemon.port);
        folder.write("tenon.properties", "log.levl = debug\n");
        const Finished refused = runToEnd({"reload", daemon.pidFile(), daemon.control()});
        CPPUNIT_ASSERT_EQUAL(1, refused.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a file with a fault hides no server", 0,
                                     runToEnd({"status", "--config=" + config, daemon.control()}).status);
        CPPUNIT_ASSERT_MESSAGE(refused.error, refused.error.find("log.level") != std::string::npos);
        assertServes(daemon.port);

        // Settings that cannot be used keep nobody from stopping it.
        const Finished stopped = runToEnd({"stop", daemon.pidFile(), "--config=" + config, daemon.control()});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(stopped.error, 0, stopped.status);
        CPPUNIT_ASSERT(!std::filesystem::exists(folder.path("tenon.pid")));
        CPPUNIT_ASSERT_EQUAL(3, runToEnd({"status", daemon.pidFile(), daemon.control()}).status);
    }

    void commandsWithoutAServer()
    {
        const TemporaryFolder folder;
        const std::string stale = folder.write("stale.pid", "1\n");
        for (const char* command : {"status", "stop", "reload"})
        {
            CPPUNIT_ASSERT_EQUAL(3, runToEnd({command, "--control.directory=" + folder.path()}).status);
            CPPUNIT_ASSERT_EQUAL(3, runToEnd({command, "--pidfile=" + folder.path("none.pid")}).status);
            CPPUNIT_ASSERT_EQUAL(3, runToEnd({command, "--pidfile=" + stale}).status); // and nobody is killed
            CPPUNIT_ASSERT_EQUAL(64, runToEnd({command, "--nonsense"}).status);
            CPPUNIT_ASSERT_EQUAL(0, runToEnd({command, "--help"}).status);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DaemonTest);

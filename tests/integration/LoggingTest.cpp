#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Environment.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tenon::tests;

/// Where the log goes, and in which form.
class LoggingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LoggingTest);
    CPPUNIT_TEST(jsonLinesAreJson);
    CPPUNIT_TEST(fileRotates);
    CPPUNIT_TEST(textCannotBeForged);
    CPPUNIT_TEST(aFullDiskEndsNothing);
    CPPUNIT_TEST(aPipeThatNobodyReadsStallsNothing);
    CPPUNIT_TEST(hangupOpensTheFileAgain);
    CPPUNIT_TEST(aLibraryThatIsTriedFirstLogsOnce);
    CPPUNIT_TEST(everyRoomHasItsLevel);
    CPPUNIT_TEST(unknownRoomsAndRotationsAreRefused);
    CPPUNIT_TEST_SUITE_END();

    void jsonLinesAreJson()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({"--log.format=json", "--log.file=" + folder.path("tenon.log")});
        assertServes(server->port());
        server->stop();
        std::istringstream lines(folder.read("tenon.log"));
        int count = 0;
        for (std::string line; std::getline(lines, line); ++count)
            (void)parseObject(line);
        CPPUNIT_ASSERT(count > 0);
    }

    void fileRotates()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve(
            {"--log.level=debug", "--log.file=" + folder.path("tenon.log"), "--log.rotation=2 K", "--log.keep=2"});
        for (int i = 0; i < 50; ++i)
            assertServes(server->port());
        server->stop();
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
            ++files;
        CPPUNIT_ASSERT(files >= 2);
        CPPUNIT_ASSERT(files <= 4);
    }

    void textCannotBeForged()
    {
        const auto server = ServerProcess::serve({"--log.level=debug"});
        const HttpReply reply =
            modernRequest(server->port(), "tools/call", R"("name":"x\nforged line","arguments":{})");
        CPPUNIT_ASSERT(reply.status >= 400);
        (void)exchange(server->port(), "GET", "/%0aforged%20line");
        server->stop();
        CPPUNIT_ASSERT_EQUAL(std::string::npos, server->output().find("\nforged line"));
    }

#if defined(__linux__)
    // /dev/full takes no byte.
    void aFullDiskEndsNothing()
    {
        const auto server = ServerProcess::serve(
            {"--log.level=trace", "--log.file=/dev/full", "--ops.accessLog=json", "--ops.accessLogFile=/dev/full"});
        for (int at = 0; at < 20; ++at)
            assertServes(server->port());
        const std::string metrics = exchange(server->port(), "GET", "/metrics").body;
        CPPUNIT_ASSERT(metrics.find("tenon_log_lines_dropped_total ") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string::npos, metrics.find("tenon_log_lines_dropped_total 0\n"));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
#else
    void aFullDiskEndsNothing() {}
#endif

    void aPipeThatNobodyReadsStallsNothing()
    {
        const TemporaryFolder folder;
        const std::string fifo = folder.path("stderr");
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(fifo.c_str(), 0600));
        const int reader = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC); // open, and never read
        const std::string script =
            folder.write("tenon.sh", "#!/bin/sh\nexec " TENON_TEST_BINARY " \"$@\" 2>" + fifo + "\n");
        CPPUNIT_ASSERT_EQUAL(0, ::chmod(script.c_str(), 0700));
        Poco::Environment::set("TENON_TEST_BINARY", script);
        const auto server = ServerProcess::serve({"--log.level=trace", "--ops.accessLog=json"});
        Poco::Environment::set("TENON_TEST_BINARY", TENON_TEST_BINARY);
        const std::string agent(4000, 'a'); // a hundred such lines are more than a pipe holds
        for (int at = 0; at < 100; ++at)
            CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/health", {{"User-Agent", agent}}).status);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(0, server->stop(std::chrono::seconds(15)));
        ::close(reader);
    }

    void hangupOpensTheFileAgain()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({"--log.file=" + folder.path("tenon.log")});
        CPPUNIT_ASSERT(eventually([&] { return folder.read("tenon.log").find("Listening") != std::string::npos; }));
        std::filesystem::rename(folder.path("tenon.log"), folder.path("tenon.log.1"));
        server->signal(SIGHUP);
        CPPUNIT_ASSERT(
            eventually([&] { return folder.read("tenon.log").find("settings reloaded") != std::string::npos; }));
        CPPUNIT_ASSERT_EQUAL(std::string::npos, folder.read("tenon.log.1").find("settings reloaded"));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void aLibraryThatIsTriedFirstLogsOnce()
    {
        const TemporaryFolder folder, plugins;
        const auto server = ServerProcess::serve({"--plugins.directory=" + plugins.path(), "--plugins.reload=true",
                                                  "--plugins.settleMs=20", "--log.file=" + folder.path("tenon.log")});
        std::filesystem::copy(TENON_TEST_PLUGINS "/filesystem.so", plugins.path("part"));
        std::filesystem::rename(plugins.path("part"), plugins.path("filesystem.so"));
        CPPUNIT_ASSERT(eventually(
            [&] { return exchange(server->port(), "GET", "/stats").body.find("filesystem") != std::string::npos; }));
        server->stop();
        const std::string log = folder.read("tenon.log"), notice = "filesystem.roots is not set";
        const auto first = log.find(notice);
        CPPUNIT_ASSERT_MESSAGE(log, first != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, std::string::npos, log.find(notice, first + 1));
    }

    void everyRoomHasItsLevel()
    {
        // At "information", mcp tells of sessions and app of its end.
        const auto quiet = ServerProcess::serve({"--log.level=none", "--log.level.mcp=information"});
        {
            const LegacySession session(quiet->port());
        }
        quiet->stop();
        const std::string log = quiet->standardError();
        CPPUNIT_ASSERT_MESSAGE(log, log.find(" information mcp  ") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, std::string::npos, log.find(" app  "));

        const auto others = ServerProcess::serve({"--log.level.mcp=none", "--log.level.plugin.filesystem=none"});
        {
            const LegacySession session(others->port());
        }
        others->stop();
        const std::string rest = others->standardError();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(rest, std::string::npos, rest.find(" mcp  "));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(rest, std::string::npos, rest.find(" plugin.filesystem  "));
        CPPUNIT_ASSERT_MESSAGE(rest, rest.find(" app  stopped") != std::string::npos);

        // At "information", net tells of streams.
        for (const bool only : {true, false})
        {
            const auto server = only ? ServerProcess::serve({"--log.level=none", "--log.level.net=information"})
                                     : ServerProcess::serve({"--log.level.net=none"});
            {
                RawConnection stream(server->port());
                stream.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
                CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
            }
            CPPUNIT_ASSERT_EQUAL(0, server->stop());
            const std::string text = server->standardError();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, only, text.find(" net  stream opened") != std::string::npos);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, !only, text.find(" app  ") != std::string::npos);
        }
    }

    void unknownRoomsAndRotationsAreRefused()
    {
        const TemporaryFolder folder;
        const std::string file = "--log.file=" + folder.path("tenon.log");
        for (const char* wrong : {"--log.level.nett=debug", "--log.rotation=sometimes"})
        {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, 78, runToEnd({"validate-config", file, wrong}).status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, 78, runToEnd({"--http.port=0", file, wrong}).status);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggingTest);

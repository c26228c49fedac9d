#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <sstream>

using namespace tenon::tests;

/// Where the log goes, and in which form.
class LoggingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LoggingTest);
    CPPUNIT_TEST(jsonLinesAreJson);
    CPPUNIT_TEST(fileRotates);
    CPPUNIT_TEST(textCannotBeForged);
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
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggingTest);

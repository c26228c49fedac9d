#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <filesystem>

using namespace tenon::tests;
using namespace std::chrono_literals;

/// The transport over standard input and output.
class StdioTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StdioTest);
    CPPUNIT_TEST(legacyHandshakeAndCalls);
    CPPUNIT_TEST(modernRequests);
    CPPUNIT_TEST(endsWhenInputCloses);
    CPPUNIT_TEST(pluginsThatPrintDoNoHarm);
    CPPUNIT_TEST(badLinesAreAnswered);
    CPPUNIT_TEST(signalsEndIt);
    CPPUNIT_TEST(signalsEndItWhileCallsRun);
    CPPUNIT_TEST_SUITE_END();

    static std::unique_ptr<ServerProcess> start(const std::string& plugins = TENON_TEST_PLUGINS)
    {
        return ServerProcess::start({"--stdio", "--plugins.directory=" + plugins});
    }

    static void initialize(ServerProcess& server)
    {
        server.writeLine(
            legacyBody("0", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        const auto reply = parseObject(server.readLine());
        CPPUNIT_ASSERT_EQUAL(std::string("2025-11-25"),
                             reply->getObject("result")->getValue<std::string>("protocolVersion"));
        server.writeLine(legacyBody("", "notifications/initialized"));
    }

    static void end(ServerProcess& server)
    {
        server.closeInput();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server.standardError(), 0, server.waitForEnd());
    }

    void legacyHandshakeAndCalls()
    {
        const auto server = start();
        initialize(*server);
        server->writeLine(legacyBody("\"list\"", "tools/list"));
        const auto reply = parseObject(server->readLine());
        CPPUNIT_ASSERT_EQUAL(std::string("list"), reply->getValue<std::string>("id"));
        CPPUNIT_ASSERT(reply->getObject("result")->getArray("tools")->size() > 0);
        end(*server);
    }

    void modernRequests()
    {
        const auto server = start();
        server->writeLine(modernBody("1", "server/discover"));
        CPPUNIT_ASSERT(parseObject(server->readLine())->has("result"));
        server->writeLine(modernBody("2", "tools/list"));
        CPPUNIT_ASSERT(parseObject(server->readLine())->has("result"));
        end(*server);
    }

    void endsWhenInputCloses()
    {
        const auto idle = start();
        end(*idle);
        CPPUNIT_ASSERT_EQUAL(std::string(), idle->standardOutput());
    }

    void pluginsThatPrintDoNoHarm()
    {
        const TemporaryFolder folder;
        std::filesystem::copy(TENON_TEST_FIXTURES "/prints_to_stdout.so", folder.path("prints_to_stdout.so"));
        const auto server = start(folder.path());
        initialize(*server);
        server->writeLine(legacyBody("1", "tools/call", R"("name":"print","arguments":{})"));
        server->writeLine(legacyBody("2", "ping"));
        for (int i = 0; i < 2; ++i)
            CPPUNIT_ASSERT(parseObject(server->readLine())->has("result"));
        end(*server);
        std::size_t begin = 0;
        const std::string output = server->standardOutput();
        for (std::size_t stop = output.find('\n'); stop != std::string::npos; stop = output.find('\n', begin))
        {
            (void)parseObject(output.substr(begin, stop - begin));
            begin = stop + 1;
        }
        CPPUNIT_ASSERT_EQUAL(output.size(), begin);
        CPPUNIT_ASSERT_EQUAL(std::string::npos, output.find('\r'));
    }

    void badLinesAreAnswered()
    {
        const auto server = start();
        initialize(*server);
        server->writeLine("nonsense");
        CPPUNIT_ASSERT_EQUAL(-32700, errorCode(server->readLine()));
        server->writeLine("{\"jsonrpc\":\"2.0\",\"id\":1}");
        CPPUNIT_ASSERT_EQUAL(-32600, errorCode(server->readLine()));
        server->writeLine("");
        server->writeLine(legacyBody("3", "ping") + "\r");
        CPPUNIT_ASSERT_EQUAL(3, parseObject(server->readLine())->getValue<int>("id"));
        end(*server);
    }

    // Clients that close their end by a signal alone left it running for ever.
    void signalsEndIt()
    {
        for (const int number : {SIGTERM, SIGINT, SIGHUP})
        {
            const auto server = start();
            initialize(*server);
            server->signal(number);
            CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd(5s));
        }
    }

    void signalsEndItWhileCallsRun()
    {
        for (const int number : {SIGTERM, SIGINT, SIGHUP})
        {
            const auto server = start(TENON_TEST_SLEEPER);
            initialize(*server);
            server->writeLine(legacyBody("7", "tools/call",
                                         R"("name":"sleep","arguments":{"ms":60000},"_meta":{"progressToken":1})"));
            CPPUNIT_ASSERT_EQUAL(std::string("notifications/progress"),
                                 parseObject(server->readLine())->getValue<std::string>("method"));
            server->signal(number);
            CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd(10s));
        }
        // One that heeds no cancellation is not waited for: timeouts.drainMs is for clients that close their end.
        const TemporaryFolder folder;
        std::filesystem::copy(TENON_TEST_FIXTURES "/never_returns.so", folder.path("never_returns.so"));
        const auto server = ServerProcess::start({"--stdio", "--plugins.directory=" + folder.path(),
                                                  "--control.directory=" + folder.path(), "--timeouts.drainMs=60000"});
        initialize(*server);
        server->writeLine(legacyBody("7", "tools/call", R"("name":"hang","arguments":{})"));
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const Finished status = runToEnd(
                    {"status", "--control.directory=" + folder.path(), "--pid=" + std::to_string(server->pid())});
                return status.output.find("1 calls in flight") != std::string::npos;
            }));
        server->signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd(20s));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StdioTest);

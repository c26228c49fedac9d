#include "support/FreePort.h"
#include "support/Mcp.h"
#include "support/RawConnection.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

using namespace tenon::tests;
using namespace std::chrono_literals;

/// How the server ends: in order, with what runs finished first, and at once when asked twice.
class SignalTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SignalTest);
    CPPUNIT_TEST(bothSignalsEndIt);
    CPPUNIT_TEST(runningCallFinishes);
    CPPUNIT_TEST(callBeyondTheDrainTimeIsLeft);
    CPPUNIT_TEST(secondSignalEndsAtOnce);
    CPPUNIT_TEST(openStreamsAreClosed);
    CPPUNIT_TEST(readyWhileStarting);
    CPPUNIT_TEST(endsThoughAPluginDoesNotStart);
    CPPUNIT_TEST(endsThoughAPluginDoesNotStop);
    CPPUNIT_TEST(lameDuckServesAndSaysNotReady);
    CPPUNIT_TEST(lameDuckLetsClientsCancel);
    CPPUNIT_TEST(otherSignalsDoNothing);
    CPPUNIT_TEST_SUITE_END();

    void bothSignalsEndIt()
    {
        for (const int number : {SIGTERM, SIGINT})
        {
            const auto server = ServerProcess::serve();
            assertServes(server->port());
            server->signal(number);
            CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
        }
    }

    /// A server with a tool that sleeps.
    static std::unique_ptr<ServerProcess> serveSleeper(const std::string& drainMs)
    {
        return ServerProcess::serve({"--plugins.directory=" TENON_TEST_SLEEPER, "--timeouts.drainMs=" + drainMs});
    }

    /// Begins a call that sleeps, and waits until it runs: then its first progress comes.
    static void beginSleep(RawConnection& connection, const std::string& ms)
    {
        std::string body = modernBody("1", "tools/call", R"("name":"sleep","arguments":{"ms":)" + ms + "}");
        const std::string meta = R"("_meta":{)";
        body.insert(body.find(meta) + meta.size(), R"("progressToken":1,)");
        connection.send(request("POST", "/mcp", modernHeaders("tools/call", "sleep"), body));
        CPPUNIT_ASSERT_EQUAL(200, connection.receiveHead().status);
        CPPUNIT_ASSERT_EQUAL(std::string("notifications/progress"),
                             parseObject(connection.receiveEvent())->getValue<std::string>("method"));
    }

    void runningCallFinishes()
    {
        const auto server = serveSleeper("10000");
        RawConnection call(server->port());
        beginSleep(call, "700");
        server->signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), toolText(call.receiveEvent()));
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
    }

    void callBeyondTheDrainTimeIsLeft()
    {
        const auto server = serveSleeper("300");
        RawConnection call(server->port());
        beginSleep(call, "20000");
        server->signal(SIGTERM);
        const auto began = std::chrono::steady_clock::now();
        server->waitForEnd(15s);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began < 15s);
    }

    void secondSignalEndsAtOnce()
    {
        const auto server = serveSleeper("60000");
        RawConnection call(server->port());
        beginSleep(call, "60000");
        server->signal(SIGTERM);
        std::this_thread::sleep_for(200ms);
        CPPUNIT_ASSERT(!server->ended());
        server->signal(SIGTERM);
        server->waitForEnd(10s);
    }

    void openStreamsAreClosed()
    {
        const auto server = ServerProcess::serve();
        RawConnection sse(server->port());
        sse.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
        CPPUNIT_ASSERT_EQUAL(200, sse.receiveHead().status);
        CPPUNIT_ASSERT(!sse.receiveEvent().empty());
        const LegacySession session(server->port());
        Headers headers = session.headers();
        headers["Accept"] = "text/event-stream";
        RawConnection get(server->port());
        get.send(request("GET", "/mcp", headers));
        CPPUNIT_ASSERT_EQUAL(200, get.receiveHead().status);
        server->signal(SIGTERM);
        CPPUNIT_ASSERT(sse.closedByServer());
        CPPUNIT_ASSERT(get.closedByServer());
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
    }

    static std::string fixtureAlone(const TemporaryFolder& folder, const std::string& name)
    {
        std::filesystem::copy(std::string(TENON_TEST_FIXTURES "/") + name + ".so", folder.path());
        return "--plugins.directory=" + folder.path();
    }

    /// A server that waits for ever in the start of its plugin, and where it listens.
    static std::unique_ptr<ServerProcess> startHanging(const TemporaryFolder& folder, std::uint16_t port)
    {
        return ServerProcess::start(
            {fixtureAlone(folder, "hangs_at_start"), "--http.port=" + std::to_string(port), "--log.level=debug"});
    }

    static int statusOf(std::uint16_t port, const std::string& path)
    {
        try
        {
            return exchange(port, "GET", path).status;
        }
        catch (const Poco::Exception&)
        {
            return 0;
        }
    }

    void readyWhileStarting()
    {
        const TemporaryFolder folder;
        const std::uint16_t port = freePort();
        const auto server = startHanging(folder, port);
        CPPUNIT_ASSERT(eventually([&] { return statusOf(port, "/ready") == 503; }));
        CPPUNIT_ASSERT_EQUAL(200, statusOf(port, "/health"));
        const HttpReply call = modernRequest(port, "tools/list");
        CPPUNIT_ASSERT_EQUAL(503, call.status);
        server->signal(SIGKILL);
        server->waitForEnd();
    }

    void endsThoughAPluginDoesNotStart()
    {
        const TemporaryFolder folder;
        const std::uint16_t port = freePort();
        const auto server = startHanging(folder, port);
        CPPUNIT_ASSERT(eventually([&] { return statusOf(port, "/ready") == 503; }));
        server->signal(SIGTERM);
        server->waitForEnd(8s);
    }

    void endsThoughAPluginDoesNotStop()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({fixtureAlone(folder, "hangs_at_stop"), "--timeouts.drainMs=100"});
        server->signal(SIGTERM);
        server->waitForEnd(8s);
    }

    void lameDuckServesAndSaysNotReady()
    {
        const TemporaryFolder folder;
        const std::string control = "--control.directory=" + folder.path();
        const auto server = ServerProcess::serve({"--timeouts.lameDuckMs=6000", control});
        RawConnection idle(server->port()); // stays open
        idle.send(request("GET", "/health"));
        CPPUNIT_ASSERT_EQUAL(200, idle.receive().status);
        server->signal(SIGTERM);
        CPPUNIT_ASSERT(eventually([&] { return statusOf(server->port(), "/ready") == 503; }));
        assertServes(server->port()); // over new connections
        idle.send(request("GET", "/health"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the connection that was open serves", 200, idle.receiveHead().status);
        const Finished status = runToEnd({"status", control, "--pid=" + std::to_string(server->pid())});
        CPPUNIT_ASSERT(!server->ended());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("it runs and is not ready: " + status.output + status.error, 2, status.status);
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
    }

    /// Over the connection that it has kept open for that: nothing else would end the call before its time.
    void lameDuckLetsClientsCancel()
    {
        const auto server = ServerProcess::serve(
            {"--plugins.directory=" TENON_TEST_SLEEPER, "--timeouts.lameDuckMs=8000", "--timeouts.drainMs=60000"});
        const LegacySession session(server->port());
        Headers headers = session.headers();
        RawConnection call(server->port()), idle(server->port());
        idle.send(request("GET", "/health"));
        CPPUNIT_ASSERT_EQUAL(200, idle.receive().status);
        call.send(request(
            "POST", "/mcp", headers,
            legacyBody("7", "tools/call", R"("name":"sleep","arguments":{"ms":60000},"_meta":{"progressToken":1})")));
        CPPUNIT_ASSERT_EQUAL(200, call.receiveHead().status);
        CPPUNIT_ASSERT(call.receiveEvent().find("notifications/progress") != std::string::npos);
        server->signal(SIGTERM);
        CPPUNIT_ASSERT(eventually([&] { return statusOf(server->port(), "/ready") == 503; }));
        std::this_thread::sleep_for(1500ms); // longer than what is idle has when the listener closes
        idle.send(request("POST", "/mcp", headers, legacyBody("", "notifications/cancelled", R"("requestId":7)")));
        CPPUNIT_ASSERT_EQUAL(202, idle.receiveHead().status);
        const auto began = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began < 30s);
    }

    /// To other servers they mean something harmless, such as opening the log again.
    void otherSignalsDoNothing()
    {
        const auto server = ServerProcess::serve();
        for (const int number : {SIGUSR1, SIGUSR2})
        {
            server->signal(number);
            assertServes(server->port());
        }
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
        const auto stdio = ServerProcess::start({"--stdio", "--plugins.directory=" TENON_TEST_PLUGINS});
        stdio->writeLine(modernBody("1", "server/discover"));
        CPPUNIT_ASSERT(parseObject(stdio->readLine())->has("result"));
        stdio->signal(SIGUSR1);
        stdio->writeLine(modernBody("2", "tools/list"));
        CPPUNIT_ASSERT(parseObject(stdio->readLine())->has("result"));
        stdio->closeInput();
        CPPUNIT_ASSERT_EQUAL(0, stdio->waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SignalTest);

// Calls that the client no longer wants, in both eras.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

using namespace tenon::tests;

class CancellationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CancellationTest);
    CPPUNIT_TEST(closingTheStreamCancelsAModernCall);
    CPPUNIT_TEST(closingTheStreamLeavesALegacyCall);
    CPPUNIT_TEST(aNotificationCancelsALegacyCall);
    CPPUNIT_TEST(aNotificationCancelsAModernCallOnStdio);
    CPPUNIT_TEST(cancellationsOfNothingAreIgnored);
    CPPUNIT_TEST(theEndOfTheSessionCancels);
    CPPUNIT_TEST(aCallOfAnotherSessionIsNotCancelled);
    CPPUNIT_TEST(anIdUsedTwiceCancelsTheLaterCall);
    CPPUNIT_TEST(aClientThatHasGoneBeforehandCancels);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.simpleTool("t", held.keeping());
        server.publish();
    }

    void tearDown() override { held.drop(); }

    void closingTheStreamCancelsAModernCall()
    {
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(!held->isCancelled());
        sink->disconnect();
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->finish(R"({"content":[]})", nullptr));
        CPPUNIT_ASSERT(!sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void closingTheStreamLeavesALegacyCall()
    {
        LegacyClient client(server);
        const auto sink = client.request("tools/call", R"("name":"t")");
        sink->disconnect();
        CPPUNIT_ASSERT(!held->isCancelled());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->finish(R"({"content":[]})", nullptr));
    }

    void aNotificationCancelsALegacyCall()
    {
        for (const char* version : {"2024-11-05", "2025-11-25"})
            for (const char* id : {"5", "\"5\""})
            {
                held.drop();
                LegacyClient client(server, version);
                const auto sink = client.request("tools/call", R"("name":"t")", id);
                const auto accepted =
                    client.notify("notifications/cancelled", std::string("\"requestId\":") + id + R"(,"reason":"r")");
                CPPUNIT_ASSERT(accepted->finished());
                CPPUNIT_ASSERT(accepted->answer().empty());
                CPPUNIT_ASSERT(held->isCancelled());
                CPPUNIT_ASSERT(sink->ended());
                CPPUNIT_ASSERT(!sink->finished());
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->finish(R"({"content":[]})", nullptr));
            }
    }

    void aNotificationCancelsAModernCallOnStdio()
    {
        const auto session = server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody,
                                                                      std::make_shared<RecordingSink>());
        const auto send = [&](const std::string& body) { return server.sendOn(session, body); };
        const auto sink = send(TestServer::modernBody("tools/call", R"("name":"t")", {}));
        send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT(sink->ended() && !sink->finished());
    }

    void cancellationsOfNothingAreIgnored()
    {
        LegacyClient client(server);
        const auto sink = client.request("tools/call", R"("name":"t")", "1");
        for (const char* params :
             {R"("requestId":2)", R"("requestId":"1")", R"("requestId":null)", R"("requestId":1.5)", ""})
        {
            const auto accepted = client.notify("notifications/cancelled", params);
            CPPUNIT_ASSERT(accepted->finished());
            CPPUNIT_ASSERT(accepted->error() == tenon::jsonrpc::ErrorKind::NONE);
        }
        CPPUNIT_ASSERT(!held->isCancelled());
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
        client.notify("notifications/cancelled", R"("requestId":1)");
    }

    void theEndOfTheSessionCancels()
    {
        LegacyClient client(server);
        const auto sink = client.request("tools/call", R"("name":"t")");
        client.end();
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT(sink->ended());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void aCallOfAnotherSessionIsNotCancelled()
    {
        LegacyClient one(server), other(server);
        const auto sink = one.request("tools/call", R"("name":"t")", "1");
        other.notify("notifications/cancelled", R"("requestId":1)");
        CPPUNIT_ASSERT(!held->isCancelled());
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
    }

    /// The end of the first call must not make the second one deaf.
    void anIdUsedTwiceCancelsTheLaterCall()
    {
        LegacyClient client(server);
        const auto first = client.request("tools/call", R"("name":"t")", "1");
        const auto heldFirst = held.take();
        const auto second = client.request("tools/call", R"("name":"t")", "1");
        heldFirst->finish(R"({"content":[]})", nullptr);
        client.notify("notifications/cancelled", R"("requestId":1)");
        CPPUNIT_ASSERT(first->finished());
        CPPUNIT_ASSERT(held->isCancelled());
    }

    void aClientThatHasGoneBeforehandCancels()
    {
        const auto sink = std::make_shared<RecordingSink>();
        sink->disconnect();
        server.send(TestServer::modernBody("tools/call", R"("name":"t")", {}),
                    TestServer::modernHeaders("tools/call", "t"), sink);
        CPPUNIT_ASSERT(!held.get());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

private:
    HeldCall held;
    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CancellationTest);

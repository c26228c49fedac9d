// The end of the server: what it tells, and what must not outlive it.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;

class ShutdownTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ShutdownTest);
    CPPUNIT_TEST(drainingRefusesNewSessions);
    CPPUNIT_TEST(drainingEndsListenersWithTheirResult);
    CPPUNIT_TEST(aListenerThatComesLateIsEndedToo);
    CPPUNIT_TEST(drainingTellsSessionsWhenToComeBack);
    CPPUNIT_TEST(runningCallsFinish);
    CPPUNIT_TEST(endingAllSessionsAnswersTheirCalls);
    CPPUNIT_TEST(sessionsAndCallsMayBeOpenAtTheEnd);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server = std::make_unique<TestServer>();
        server->simpleTool("t",
                           [this](const CallBackendPtr& call)
                           {
                               held.push_back(call);
                               return TENON_ASYNC;
                           });
        server->resource(R"({"uri":"x://a","name":"a"})");
        server->publish();
    }

    void tearDown() override { held.clear(); }

    void drainingRefusesNewSessions()
    {
        LegacyClient client(*server);
        server->dispatcher->drain(7);
        CPPUNIT_ASSERT(
            server
                ->send(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})",
                       {})
                ->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("ping"), "/result"));
    }

    void drainingEndsListenersWithTheirResult()
    {
        const auto sink = listen();
        server->dispatcher->drain(7);
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(sink->answer(), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"),
                             at(sink->answer(), "/result/_meta/io.modelcontextprotocol~1subscriptionId"));
        CPPUNIT_ASSERT(std::vector<std::string>({"+x://a", "-x://a"}) == server->plugin->orders());
    }

    void aListenerThatComesLateIsEndedToo()
    {
        server->dispatcher->drain(7);
        const auto sink = listen();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->events().size());
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server->dispatcher->protocol().subscriptions.listeners.count());
    }

    void drainingTellsSessionsWhenToComeBack()
    {
        LegacyClient client(*server);
        const auto stream = client.get();
        server->dispatcher->drain(7);
        CPPUNIT_ASSERT(stream->ended());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(7), stream->retryMs());
    }

    void runningCallsFinish()
    {
        LegacyClient client(*server);
        const auto sink = client.request("tools/call", R"("name":"t")");
        server->dispatcher->drain(7);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), server->dispatcher->callsInFlight());
        held[0]->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
    }

    void endingAllSessionsAnswersTheirCalls()
    {
        LegacyClient client(*server);
        const auto sink = client.request("tools/call", R"("name":"t")");
        server->dispatcher->endAllSessions(7);
        CPPUNIT_ASSERT(held[0]->isCancelled());
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(sink->answer(), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server->dispatcher->protocol().sessions.count());
    }

    /// The parts that they use go one after the other; memory checkers see who uses them too late.
    void sessionsAndCallsMayBeOpenAtTheEnd()
    {
        auto client = std::make_unique<LegacyClient>(*server, "2025-11-25");
        (void)client->answer("resources/subscribe", R"("uri":"x://a")");
        const auto stream = client->get();
        const auto legacy = client->request("tools/call", R"("name":"t")");
        const auto modern = server->modern("tools/call", R"("name":"t")");
        TestServer::Modern how;
        how.capabilities = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        server->draft.tools[0].taskSupport = tenon::plugin::TaskSupport::REQUIRED;
        server->publish();
        (void)server->modern("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server->dispatcher->callsInFlight() == 3; }));
        server->executor.stop();
        client.reset();
        server.reset();
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), held.size());
        for (const auto& call : held)
        {
            CPPUNIT_ASSERT(call->isCancelled());
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), call->finish(R"({"content":[]})", nullptr));
        }
        CPPUNIT_ASSERT(stream->ended() && legacy->ended() && modern->ended());
    }

private:
    RecordingSinkPtr listen()
    {
        return server->modern("subscriptions/listen", R"("notifications":{"resourceSubscriptions":["x://a"]})");
    }

    std::vector<CallBackendPtr> held;
    std::unique_ptr<TestServer> server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ShutdownTest);

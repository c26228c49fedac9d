// Sessions of legacy clients: whose they are, how many there may be, when they end.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;

class SessionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SessionTest);
    CPPUNIT_TEST(idsAreUnguessable);
    CPPUNIT_TEST(aForeignSessionIsNotThere);
    CPPUNIT_TEST(anEndedSessionIsNotThere);
    CPPUNIT_TEST(aSubscriptionTakenBackElsewhereIsNotMadeHere);
    CPPUNIT_TEST(streamsNeedASession);
    CPPUNIT_TEST(sessionsAreLimited);
    CPPUNIT_TEST(aHolderLosesItsOwnIdleSession);
    CPPUNIT_TEST(sessionsOfOnePrincipalAreLimited);
    CPPUNIT_TEST(sessionsOfATypeAreLimited);
    CPPUNIT_TEST(idleSessionsAreSwept);
    CPPUNIT_TEST(aSessionWithAStreamIsNotIdle);
    CPPUNIT_TEST(aSessionWithARunningCallIsNotIdle);
    CPPUNIT_TEST(aClosedConnectionEndsItsSession);
    CPPUNIT_TEST(connectionSessionsAreFoundByTheirOwner);
    CPPUNIT_TEST(aSecondStreamLeavesTheFirst);
    CPPUNIT_TEST(aStreamOpenedAgainOpensAtOnce);
    CPPUNIT_TEST(aStreamOpenedWhileTheSessionEndsIsClosed);
    CPPUNIT_TEST_SUITE_END();

public:
    void idsAreUnguessable()
    {
        std::set<std::string> ids;
        for (int count = 0; count < 100; ++count)
        {
            const auto id = LegacyClient(server).session();
            CPPUNIT_ASSERT_EQUAL(std::size_t(32), id.size());
            ids.insert(id);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), ids.size());
    }

    void aForeignSessionIsNotThere()
    {
        LegacyClient client(server, "2025-11-25", "{}", principalOf("alice"));
        // `send` is somebody else.
        CPPUNIT_ASSERT(server.send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", client.headers())->error() ==
                       ErrorKind::SESSION_NOT_FOUND);
        const auto stream = std::make_shared<RecordingSink>();
        server.dispatcher->openSessionStream(server.anybody, client.session(), {}, {}, stream);
        CPPUNIT_ASSERT(stream->error() == ErrorKind::SESSION_NOT_FOUND);
        const auto end = std::make_shared<RecordingSink>();
        server.dispatcher->endSession(server.anybody, client.session(), end);
        CPPUNIT_ASSERT(end->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("ping"), "/result"));
    }

    void anEndedSessionIsNotThere()
    {
        LegacyClient client(server);
        const auto stream = client.get();
        const auto ended = client.end();
        CPPUNIT_ASSERT(ended->finished() && ended->answer().empty() && ended->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT(stream->ended());
        CPPUNIT_ASSERT(client.request("ping")->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT(client.notify("notifications/x")->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT(client.respond("1", R"("result":{})")->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT(client.get()->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT(client.end()->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), sessions().count());
    }

    void aSubscriptionTakenBackElsewhereIsNotMadeHere()
    {
        const LegacyClient client(server);
        const auto session = sessions().find(client.session());
        session->subscribedElsewhere("r:1", true);
        CPPUNIT_ASSERT(session->subscribeToo("r:1", {}));
        CPPUNIT_ASSERT(!session->subscribeToo("r:1", {})); // held already
        CPPUNIT_ASSERT(session->unsubscribe("r:1"));       // at whatever instance
        CPPUNIT_ASSERT(!session->subscribeToo("r:1", {}));
        CPPUNIT_ASSERT(session->subscribedAs("r:1").empty());
    }

    void streamsNeedASession()
    {
        const auto kind = [&](const std::string& session, const std::string& version)
        {
            const auto sink = std::make_shared<RecordingSink>();
            server.dispatcher->openSessionStream(server.anybody, session, version, {}, sink);
            return sink->error();
        };
        CPPUNIT_ASSERT(kind({}, {}) == ErrorKind::SESSION_REQUIRED);
        CPPUNIT_ASSERT(kind("none", {}) == ErrorKind::SESSION_NOT_FOUND);
        const auto session = LegacyClient(server).session();
        CPPUNIT_ASSERT(kind(session, "1999-01-01") == ErrorKind::BAD_VERSION_HEADER);
        CPPUNIT_ASSERT(kind(session, "2026-07-28") == ErrorKind::BAD_VERSION_HEADER);
        CPPUNIT_ASSERT(kind(session, "2025-11-25") == ErrorKind::NONE);
        const auto end = std::make_shared<RecordingSink>();
        server.dispatcher->endSession(server.anybody, {}, end);
        CPPUNIT_ASSERT(end->error() == ErrorKind::SESSION_REQUIRED);
    }

    void sessionsAreLimited()
    {
        auto options = TestServer::defaults();
        options.maxSessions = 2;
        TestServer small(options);
        LegacyClient one(small), two(small);
        const auto open = one.get(), open2 = two.get();
        CPPUNIT_ASSERT(initialize(small, small.anybody)->error() == ErrorKind::LIMIT);
        one.end();
        CPPUNIT_ASSERT(initialize(small, small.anybody)->error() == ErrorKind::NONE);
        // The idle one goes for a newcomer; those with a stream stay.
        const auto connection = std::make_shared<RecordingSink>();
        CPPUNIT_ASSERT(
            small.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, small.anybody, connection));
        CPPUNIT_ASSERT(!small.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, small.anybody,
                                                                std::make_shared<RecordingSink>()));
        CPPUNIT_ASSERT(!open2->ended());
    }

    /// A client that opens sessions and never deletes them took all of them for an hour.
    void aHolderLosesItsOwnIdleSession()
    {
        auto options = TestServer::defaults();
        options.maxSessions = 20;
        TestServer small(options);
        LegacyClient other(small);
        small.allowance.holder = "192.0.2.1";
        for (int count = 0; count < 100; ++count)
            CPPUNIT_ASSERT(initialize(small, small.anybody)->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT_EQUAL(std::size_t(9), small.dispatcher->protocol().sessions.count());
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(other.answer("ping"), "/result"));
    }

    void sessionsOfOnePrincipalAreLimited()
    {
        auto options = TestServer::defaults();
        options.maxSessionsPerPrincipal = 1;
        TestServer small(options);
        const auto alice = principalOf("alice");
        LegacyClient one(small, "2025-11-25", "{}", alice);
        const auto open = one.get();
        CPPUNIT_ASSERT(initialize(small, alice)->error() == ErrorKind::QUOTA);
        CPPUNIT_ASSERT(initialize(small, principalOf("bob"))->error() == ErrorKind::NONE);
        one.end();
        CPPUNIT_ASSERT(initialize(small, alice)->error() == ErrorKind::NONE);
    }

    void sessionsOfATypeAreLimited()
    {
        const auto open = [&](const char* holder, std::uint32_t most)
        {
            tenon::base::HolderLimits limits;
            limits.sessions = most;
            return server.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, server.anybody,
                                                            std::make_shared<RecordingSink>(), {holder, limits});
        };
        const auto one = open("10.0.0.1", 1);
        CPPUNIT_ASSERT(one);
        CPPUNIT_ASSERT(!open("10.0.0.1", 1));
        CPPUNIT_ASSERT_MESSAGE("another address", open("10.0.0.2", 1));
        server.dispatcher->endConnectionSession(one);
        CPPUNIT_ASSERT_MESSAGE("its place is free again", open("10.0.0.1", 1));
    }

    void idleSessionsAreSwept()
    {
        TestServer small(brief());
        LegacyClient client(small);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return small.dispatcher->protocol().sessions.count() == 0; }));
        CPPUNIT_ASSERT(client.request("ping")->error() == ErrorKind::SESSION_NOT_FOUND);
    }

    void aSessionWithAStreamIsNotIdle()
    {
        TestServer small(brief());
        LegacyClient client(small), idle(small);
        const auto stream = client.get();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return small.dispatcher->protocol().sessions.count() == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("ping"), "/result"));
        stream->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return small.dispatcher->protocol().sessions.count() == 0; }));
    }

    void aSessionWithARunningCallIsNotIdle()
    {
        TestServer small(brief());
        HeldCall held;
        small.simpleTool("t", held.keeping());
        small.publish();
        LegacyClient client(small), idle(small);
        const auto sink = client.request("tools/call", R"("name":"t")", "1", false);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return small.dispatcher->protocol().sessions.count() == 1; }));
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT(TestServer::eventually([&] { return small.dispatcher->protocol().sessions.count() == 0; }));
    }

    void aClosedConnectionEndsItsSession()
    {
        TestServer small(brief());
        const auto connection = std::make_shared<RecordingSink>();
        const auto session =
            small.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, small.anybody, connection);
        connection->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return session->ended(); }));
    }

    void connectionSessionsAreFoundByTheirOwner()
    {
        const auto connection = std::make_shared<RecordingSink>();
        const auto session =
            server.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, server.anybody, connection);
        CPPUNIT_ASSERT(server.dispatcher->findConnectionSession(server.anybody, session->id) == session);
        CPPUNIT_ASSERT(!server.dispatcher->findConnectionSession(principalOf("other"), session->id));
        CPPUNIT_ASSERT(!server.dispatcher->findConnectionSession(server.anybody, LegacyClient(server).session()));
        server.dispatcher->endConnectionSession(session);
        server.dispatcher->endConnectionSession(session);
        CPPUNIT_ASSERT(connection->ended());
        CPPUNIT_ASSERT(!server.dispatcher->findConnectionSession(server.anybody, session->id));
    }

    void aSecondStreamLeavesTheFirst()
    {
        LegacyClient client(server);
        const auto first = client.get(), second = client.get();
        CPPUNIT_ASSERT(!first->ended() && !second->ended());
        server.publish(true);
        CPPUNIT_ASSERT(second->waitForEvents(1));
        CPPUNIT_ASSERT(first->events().empty());
        second->disconnect();
        server.publish(true);
        CPPUNIT_ASSERT(first->waitForEvents(1));
    }

    /// Without headers, a client would wait for ever for its second stream to open.
    void aStreamOpenedAgainOpensAtOnce()
    {
        for (const std::string version : {"2025-03-26", "2025-11-25"})
        {
            LegacyClient client(server, version);
            const auto first = client.get();
            CPPUNIT_ASSERT(first->opened());
            first->disconnect();
            const auto second = client.get();
            CPPUNIT_ASSERT(second->opened());
            CPPUNIT_ASSERT_EQUAL(version == "2025-11-25", !second->primingId().empty());
            CPPUNIT_ASSERT(version != "2025-11-25" || first->primingId() != second->primingId());
        }
    }

    void aStreamOpenedWhileTheSessionEndsIsClosed()
    {
        for (int round = 0; round < 100; ++round)
        {
            LegacyClient client(server);
            std::thread ender([&] { client.end(); });
            const auto stream = client.get();
            ender.join();
            CPPUNIT_ASSERT(stream->ended());
        }
    }

private:
    static tenon::mcp::Options brief()
    {
        auto options = TestServer::defaults();
        options.sessionMs = 1;
        return options;
    }

    static RecordingSinkPtr initialize(TestServer& on, const tenon::base::PrincipalPtr& principal)
    {
        const auto sink = std::make_shared<RecordingSink>();
        const Headers none;
        tenon::mcp::IncomingMessage message;
        message.body =
            R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}})";
        message.principal = principal;
        message.headers = &none.fields();
        message.allowance = on.allowance;
        (void)on.dispatcher->handle(message, sink);
        return sink;
    }

    tenon::mcp::Sessions& sessions() { return server.dispatcher->protocol().sessions; }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionTest);

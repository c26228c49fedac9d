// What each principal of a type may have at a time: it gets that much, and not more.
#include "Tokens.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <memory>
#include <vector>

using namespace tenon::tests;

class TypeLimitsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TypeLimitsTest);
    CPPUNIT_TEST(sessions);
    CPPUNIT_TEST(streams);
    CPPUNIT_TEST(connections);
    CPPUNIT_TEST(callsInFlight);
    CPPUNIT_TEST(limitsThatAreReadAgainCount);
    CPPUNIT_TEST_SUITE_END();

    using Connections = std::vector<std::unique_ptr<RawConnection>>;

    static std::unique_ptr<ServerProcess> serve(ServerProcess::Arguments more)
    {
        more.insert(more.end(), {"--auth.type=bearer", "--auth.token.a.sha256=" + sha256Hex("alice"),
                                 "--auth.token.b.sha256=" + sha256Hex("bob"),
                                 std::string("--plugins.directory=") + TENON_TEST_PLUGINS + "," + TENON_TEST_SLEEPER});
        return ServerProcess::serve(more);
    }

    static Headers as(const std::string& token, Headers headers = {})
    {
        headers["Authorization"] = "Bearer " + token;
        return headers;
    }

    static HttpReply open(const ServerProcess& server, const std::string& token)
    {
        return exchange(
            server.port(), "POST", "/mcp",
            as(token, {{"Content-Type", "application/json"}, {"Accept", "application/json"}}),
            legacyBody("1", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
    }

    static int end(const ServerProcess& server, const HttpReply& opened)
    {
        return exchange(server.port(), "DELETE", "/mcp",
                        as("alice", {{"Mcp-Session-Id", opened.header("mcp-session-id")}}))
            .status;
    }

    static void mustSayLater(const HttpReply& reply)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 429, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.header("retry-after"));
        CPPUNIT_ASSERT_MESSAGE(reply.body, reply.body.find("your limit") != std::string::npos);
    }

    static HttpReply stream(const ServerProcess& server, const std::string& token, Connections& keep)
    {
        keep.push_back(std::make_unique<RawConnection>(server.port()));
        keep.back()->send(request("GET", "/sse", as(token, {{"Accept", "text/event-stream"}})));
        HttpReply head = keep.back()->receiveHead();
        if (head.status != 200)
            keep.back()->receiveBody(head);
        return head;
    }

public:
    void sessions()
    {
        const auto server = serve({"--auth.types.team.maxSessions=2"});
        const HttpReply first = open(*server, "alice");
        CPPUNIT_ASSERT_EQUAL(200, first.status);
        const HttpReply second = open(*server, "alice");
        CPPUNIT_ASSERT_EQUAL(200, second.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the longest idle one makes room", 200, open(*server, "alice").status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("each has its own", 200, open(*server, "bob").status);
        const int ofFirst = end(*server, first), ofSecond = end(*server, second);
        CPPUNIT_ASSERT_MESSAGE("one of the two, they are of one age",
                               (ofFirst == 404 && ofSecond == 200) || (ofFirst == 200 && ofSecond == 404));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void streams()
    {
        const auto server = serve({"--auth.types.team.maxStreams=2"});
        Connections alice, bob;
        CPPUNIT_ASSERT_EQUAL(200, stream(*server, "alice", alice).status);
        RawConnection listener(server->port());
        listener.send(request("POST", "/mcp", as("alice", modernHeaders("subscriptions/listen")),
                              modernBody("1", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})")));
        CPPUNIT_ASSERT_EQUAL(200, listener.receiveHead().status);
        mustSayLater(stream(*server, "alice", alice));
        RawConnection second(server->port());
        second.send(request("POST", "/mcp", as("alice", modernHeaders("subscriptions/listen")),
                            modernBody("1", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})")));
        mustSayLater(second.receive());
        CPPUNIT_ASSERT_EQUAL(200, stream(*server, "bob", bob).status);
        alice.clear();
        CPPUNIT_ASSERT(eventually([&] { return stream(*server, "alice", alice).status == 200; }));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void connections()
    {
        const auto server = serve({"--auth.types.team.maxConnections=2"});
        const std::string ask =
            request("POST", "/mcp", as("alice", modernHeaders("tools/list")), modernBody("1", "tools/list"));
        Connections all;
        for (int at = 0; at < 3; ++at)
        {
            all.push_back(std::make_unique<RawConnection>(server->port()));
            all.back()->send(ask);
            const HttpReply reply = all.back()->receive();
            if (at < 2)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
            else
                mustSayLater(reply);
        }
        CPPUNIT_ASSERT(all[2]->closedByServer());
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/health").status);
        all.clear();
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                RawConnection again(server->port());
                again.send(ask);
                return again.receive().status == 200;
            }));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void callsInFlight()
    {
        const auto server = serve({"--auth.types.team.maxCalls=1", "--ops.metrics=open"});
        const auto sleep = [&](const std::string& token, int ms)
        {
            return request(
                "POST", "/mcp", as(token, modernHeaders("tools/call", "sleep")),
                modernBody("1", "tools/call", R"("name":"sleep","arguments":{"ms":)" + std::to_string(ms) + '}'));
        };
        RawConnection busy(server->port());
        busy.send(sleep("alice", 60000));
        const auto answer = [&](const std::string& token)
        {
            RawConnection client(server->port());
            client.send(sleep(token, 0));
            return client.receive();
        };
        // Until it runs, a second call could take its place.
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::string metrics = exchange(server->port(), "GET", "/metrics").body;
                return metrics.find("\ntenon_calls_in_flight 1\n") != std::string::npos;
            }));
        mustSayLater(answer("alice"));
        const HttpReply others = answer("bob");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(others.body, 200, others.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("lists are no calls", 200,
                                     exchange(server->port(), "POST", "/mcp", as("alice", modernHeaders("tools/list")),
                                              modernBody("1", "tools/list"))
                                         .status);
        busy.reset(); // cancels its call
        CPPUNIT_ASSERT(eventually([&] { return answer("alice").status == 200; }));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void limitsThatAreReadAgainCount()
    {
        const TemporaryFolder folder;
        const auto settings = [](int most) { return "auth.types.team.maxSessions = " + std::to_string(most) + "\n"; };
        const auto server = serve({"--config=" + folder.write("tenon.properties", settings(1))});
        Connections streams; // a session with a stream is not idle
        CPPUNIT_ASSERT_EQUAL(200, stream(*server, "alice", streams).status);
        mustSayLater(open(*server, "alice"));
        (void)folder.write("tenon.properties", settings(2));
        server->signal(SIGHUP);
        server->waitForOutput("settings reloaded");
        CPPUNIT_ASSERT_EQUAL(200, stream(*server, "alice", streams).status);
        mustSayLater(open(*server, "alice"));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TypeLimitsTest);

// A broadcast reaches every kind of stream in the form its client knows, and operators see and end them all.
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/JSON/Array.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>

using namespace tenon::tests;

class BroadcastTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BroadcastTest);
    CPPUNIT_TEST(reachesEveryProfile);
    CPPUNIT_TEST(reachesListenersWithWhatTheyAskedFor);
    CPPUNIT_TEST(modernStreamsAreSeenAndEnded);
    CPPUNIT_TEST(eventsAreCountedAnswersAndAll);
    CPPUNIT_TEST_SUITE_END();

    static std::unique_ptr<RawConnection> stream(std::uint16_t port, const std::string& path)
    {
        auto client = std::make_unique<RawConnection>(port);
        client->send(request("GET", path, {{"Accept", "text/event-stream"}}));
        CPPUNIT_ASSERT_EQUAL(200, client->receiveHead().status);
        return client;
    }

    static std::unique_ptr<RawConnection> listen(std::uint16_t port, const std::string& notifications)
    {
        auto client = std::make_unique<RawConnection>(port);
        client->send(request("POST", "/mcp", modernHeaders("subscriptions/listen"),
                             modernBody("9", "subscriptions/listen", "\"notifications\":" + notifications)));
        CPPUNIT_ASSERT_EQUAL(200, client->receiveHead().status);
        CPPUNIT_ASSERT(client->receiveEvent().find("acknowledged") != std::string::npos);
        return client;
    }

    static std::string broadcast(std::uint16_t port, const std::string& body)
    {
        return exchange(port, "POST", "/broadcast", {{"Content-Type", "application/json"}}, body).body;
    }

public:
    void reachesEveryProfile()
    {
        const auto server = ServerProcess::serve({"--sse.profiles=standard,path-session,backlog,rails"});
        const auto standard = stream(server->port(), "/sse"), path = stream(server->port(), "/sse/me"),
                   shared = stream(server->port(), "/mcp/sse");
        CPPUNIT_ASSERT(standard->receiveEvent().find("/messages?session_id=") == 0);
        CPPUNIT_ASSERT(shared->receiveEvent().find("connectionId") != std::string::npos);
        CPPUNIT_ASSERT(shared->receiveEvent().find("connection_id") != std::string::npos);
        CPPUNIT_ASSERT(shared->receiveEvent().find("connection-status") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"sent":3})"),
            broadcast(server->port(),
                      R"({"message":{"type":"maintenance","result":{"message":"soon","level":"warning"}}})"));
        const std::string notification =
            R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning",)"
            R"("logger":"broadcast","data":"soon"}})";
        CPPUNIT_ASSERT_EQUAL(notification, standard->receiveEvent());
        CPPUNIT_ASSERT_EQUAL(notification, path->receiveEvent());
        // Both profiles of this path tell it, each in its own words.
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"type":"maintenance","result":{"message":"soon","level":"warning"}})"),
                             shared->receiveEvent());
        CPPUNIT_ASSERT_EQUAL(notification, shared->receiveEvent());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void reachesListenersWithWhatTheyAskedFor()
    {
        const auto server = ServerProcess::serve();
        const auto tools = listen(server->port(), R"({"toolsListChanged":true})");
        const auto prompts = listen(server->port(), R"({"promptsListChanged":true})");
        const auto send = [&](const std::string& method)
        { return broadcast(server->port(), R"({"message":{"jsonrpc":"2.0","method":")" + method + "\"}}"); };
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"sent":1})"), send("notifications/tools/list_changed"));
        CPPUNIT_ASSERT(tools->receiveEvent().find("tools/list_changed") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("not of this revision", std::string(R"({"sent":0})"),
                                     broadcast(server->port(), R"({"message":"soon"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"sent":1})"), send("notifications/prompts/list_changed"));
        CPPUNIT_ASSERT(prompts->receiveEvent().find("prompts/list_changed") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void modernStreamsAreSeenAndEnded()
    {
        // Without plugins: news of those that were just loaded may come after the subscription, and would be counted.
        const TemporaryFolder nothing;
        const auto server = ServerProcess::serve({"--plugins.directory=" + nothing.path()});
        const auto listener = listen(server->port(), R"({"toolsListChanged":true})");
        const auto only = [&]
        {
            const auto stats = parseObject(exchange(server->port(), "GET", "/stats").body);
            CPPUNIT_ASSERT_EQUAL(1, stats->getValue<int>("modernStreams"));
            return stats->getArray("connections")->getObject(0);
        };
        const auto connection = only();
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-28"), connection->getValue<std::string>("protocolVersion"));
        CPPUNIT_ASSERT_EQUAL(1, connection->getValue<int>("events")); // what acknowledged the subscription
        (void)broadcast(server->port(), R"({"message":{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}})");
        CPPUNIT_ASSERT(listener->receiveEvent().find("list_changed") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(2, only()->getValue<int>("events"));
        const std::string path = "/stats/sessions/" + connection->getValue<std::string>("id");
        CPPUNIT_ASSERT_EQUAL(204, exchange(server->port(), "DELETE", path).status);
        const std::string result = listener->receiveEvent();
        CPPUNIT_ASSERT_MESSAGE(result, result.find("\"id\":9,\"result\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(404, exchange(server->port(), "DELETE", path).status);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void eventsAreCountedAnswersAndAll()
    {
        const auto server = ServerProcess::serve({"--sse.profiles=backlog"});
        const auto client = stream(server->port(), "/mcp/sse");
        const std::string id = parseObject(client->receiveEvent())->getValue<std::string>("connectionId");
        CPPUNIT_ASSERT(!client->receiveEvent().empty()); // the state of the connection
        for (int at = 0; at < 3; ++at)
        {
            CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "POST", "/mcp/sse/send",
                                               {{"Content-Type", "application/json"}},
                                               R"({"connectionId":")" + id + R"(","message":{"method":"tools/list"}})")
                                          .status);
            CPPUNIT_ASSERT(!client->receiveEvent().empty());
        }
        const auto stats = parseObject(exchange(server->port(), "GET", "/mcp/sse/stats").body);
        CPPUNIT_ASSERT_EQUAL(5, stats->getArray("connections")->getObject(0)->getValue<int>("events"));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BroadcastTest);

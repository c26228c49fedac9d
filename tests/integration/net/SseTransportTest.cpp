#include "FrontFixture.h"

#include "base/json/JsonDocument.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>

#include <string>

using namespace tenon;
using namespace tenon::tests;

class SseTransportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SseTransportTest);
    CPPUNIT_TEST(speaksTheStandardTransport);
    CPPUNIT_TEST(answersSlowCallsWithoutHoldingTheConnection);
    CPPUNIT_TEST(refusesWhatIsNoMessage);
    CPPUNIT_TEST(endsTheSessionWithTheStream);
    CPPUNIT_TEST(speaksPathSession);
    CPPUNIT_TEST(speaksBacklog);
    CPPUNIT_TEST(speaksRails);
    CPPUNIT_TEST(whatComesBesideTheFirstMessageWaitsForItsSession);
    CPPUNIT_TEST(speaksAllAtOnce);
    CPPUNIT_TEST(acceptsWithTheStatusThatIsSet);
    CPPUNIT_TEST(sendsOnlyTheEventsThatAreWanted);
    CPPUNIT_TEST(beatsSteadily);
    CPPUNIT_TEST(answersPlainPosts);
    CPPUNIT_TEST_SUITE_END();

    static std::string message(std::string_view path, std::string_view body)
    {
        return request("POST", path, {{"Content-Type", "application/json"}}, body);
    }

    static std::string member(const std::string& json, std::string_view name)
    {
        return std::string(base::textMember(base::JsonDocument::parse(json)->root(), name));
    }

public:
    void speaksTheStandardTransport()
    {
        FrontFixture fixture;
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/sse"));
        CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), stream.receiveHead().header("content-type"));
        const std::string endpoint = stream.receiveEvent();
        CPPUNIT_ASSERT(endpoint.starts_with("/messages?session_id="));
        poster.send(message(endpoint, "echo one"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo one"), stream.receiveEvent());
        poster.send(message(endpoint, "progress"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":1})"), stream.receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":2})"), stream.receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"done"})"), stream.receiveEvent());
        poster.send(message(endpoint, "notify"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        {
            const std::lock_guard lock(fixture.services.mutex);
            fixture.services.sessions.begin()->second->stream->send(R"({"method":"notifications/x"})", "");
        }
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"method":"notifications/x"})"), stream.receiveEvent());
    }

    void answersSlowCallsWithoutHoldingTheConnection()
    {
        FrontFixture fixture;
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/sse"));
        (void)stream.receiveHead();
        const std::string endpoint = stream.receiveEvent();
        poster.send(message(endpoint, "block"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        poster.send(message(endpoint, "echo two"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo two"), stream.receiveEvent());
        fixture.services.release();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"unblocked"})"), stream.receiveEvent());
    }

    void refusesWhatIsNoMessage()
    {
        FrontFixture fixture;
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/sse"));
        (void)stream.receiveHead();
        const std::string endpoint = stream.receiveEvent();
        poster.send(message(endpoint, "nonsense"));
        CPPUNIT_ASSERT_EQUAL(400, poster.receive().status);
        poster.send(message("/messages?session_id=unknown", "echo"));
        CPPUNIT_ASSERT_EQUAL(404, poster.receive().status);
        poster.send(message("/messages", "echo"));
        CPPUNIT_ASSERT_EQUAL(400, poster.receive().status);
        poster.send(request("POST", endpoint, {{"Content-Type", "text/plain"}}, "echo"));
        CPPUNIT_ASSERT_EQUAL(415, poster.receive().status);
        poster.send(request("GET", "/messages"));
        CPPUNIT_ASSERT_EQUAL(405, poster.receive().status);
        poster.send(message(endpoint, "echo still here"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo still here"), stream.receiveEvent());
    }

    void endsTheSessionWithTheStream()
    {
        FrontFixture fixture;
        RawConnection poster(fixture.port());
        std::string endpoint;
        {
            RawConnection stream(fixture.port());
            stream.send(getStream("/sse"));
            (void)stream.receiveHead();
            endpoint = stream.receiveEvent();
            poster.send(message(endpoint, "never"));
            CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        }
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.sessions.empty() && fixture.services.disconnects == 1;
            }));
        poster.send(message(endpoint, "echo"));
        CPPUNIT_ASSERT_EQUAL(404, poster.receive().status);
    }

    void speaksPathSession()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "path-session"}});
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/sse/my-session.1"));
        CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
        poster.send(message("/message/my-session.1", R"({"jsonrpc":"2.0","id":"1","method":"echo"})"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","id":"1","method":"echo"})"), stream.receiveEvent());
        poster.send(message("/message/other", "echo"));
        CPPUNIT_ASSERT_EQUAL(404, poster.receive().status);
        poster.send(getStream("/sse/a%20b"));
        CPPUNIT_ASSERT_EQUAL(400, poster.receive().status);
        poster.send(getStream("/sse"));
        CPPUNIT_ASSERT_EQUAL(404, poster.receive().status);

        // A client that comes back under its id takes the place of its old connection.
        RawConnection again(fixture.port());
        again.send(getStream("/sse/my-session.1"));
        CPPUNIT_ASSERT_EQUAL(200, again.receiveHead().status);
        CPPUNIT_ASSERT_EQUAL(std::string(), stream.receiveEvent());
        poster.send(message("/message/my-session.1", "echo again"));
        CPPUNIT_ASSERT_EQUAL(202, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo again"), again.receiveEvent());
    }

    void speaksBacklog()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "backlog"}});
        fixture.services.keepBodies = true;
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/mcp/sse?token=x"));
        CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
        const std::string id = member(stream.receiveEvent(), "connectionId");
        CPPUNIT_ASSERT(!id.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("connection-status"), member(stream.receiveEvent(), "type"));
        poster.send(message("/mcp/sse/send", R"({"connectionId":")" + id + R"(","message":{"method":"progress"}})"));
        const HttpReply reply = poster.receive();
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(id, member(reply.body, "connectionId"));
        CPPUNIT_ASSERT_EQUAL(std::string("mcp-notification"), member(stream.receiveEvent(), "type"));
        (void)stream.receiveEvent();
        const std::string answer = stream.receiveEvent();
        CPPUNIT_ASSERT_EQUAL(std::string("mcp-response"), member(answer, "type"));
        CPPUNIT_ASSERT_EQUAL(std::string("progress"), member(answer, "method"));
        CPPUNIT_ASSERT_EQUAL(std::string("done"), member(answer, "result"));
        {
            const std::lock_guard lock(fixture.services.mutex);
            CPPUNIT_ASSERT_EQUAL(std::size_t(2), fixture.services.bodies.size());
            CPPUNIT_ASSERT(fixture.services.bodies[0].find("initialize") != std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string("2.0"), member(fixture.services.bodies[1], "jsonrpc"));
        }
        poster.send(message("/mcp/sse/send", R"({"message":{"method":"progress"}})"));
        CPPUNIT_ASSERT_EQUAL(400, poster.receive().status);
        poster.send(message("/mcp/sse/send", R"({"connectionId":")" + id + "\"}"));
        CPPUNIT_ASSERT_EQUAL(400, poster.receive().status);
    }

    void speaksRails()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "rails"}});
        fixture.services.keepBodies = true;
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/mcp/sse"));
        (void)stream.receiveHead();
        const std::string id = member(stream.receiveEvent(), "connection_id");
        poster.send(message("/mcp/sse/message",
                            R"({"jsonrpc":"2.0","method":"echo","params":{},"id":7,"connection_id":")" + id + "\"}"));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), member(poster.receive().body, "status"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","method":"echo","params":{},"id":7})"),
                             stream.receiveEvent());
    }

    void whatComesBesideTheFirstMessageWaitsForItsSession()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "rails"}});
        mcp::Services& services = fixture.services;
        services.keepBodies = services.holdInitialize = true;
        RawConnection stream(fixture.port()), one(fixture.port()), other(fixture.port());
        stream.send(getStream("/mcp/sse"));
        (void)stream.receiveHead();
        const std::string id = member(stream.receiveEvent(), "connection_id");
        const std::string echo =
            message("/mcp/sse/message",
                    R"({"jsonrpc":"2.0","method":"echo","params":{},"id":7,"connection_id":")" + id + "\"}");
        one.send(echo);
        {
            std::unique_lock lock(services.mutex);
            services.changed.wait(lock, [&] { return services.bodies.size() == 1; }); // the server initializes
            lock.unlock();
            other.send(echo);
            lock.lock();
            CPPUNIT_ASSERT(!services.changed.wait_for(lock, std::chrono::milliseconds(300),
                                                      [&] { return services.bodies.size() > 1; }));
        }
        services.release();
        CPPUNIT_ASSERT_EQUAL(200, one.receive().status);
        CPPUNIT_ASSERT_EQUAL(200, other.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), services.bodies.size());
    }

    void speaksAllAtOnce()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "standard,path-session,backlog,rails"}});
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/mcp/sse"));
        (void)stream.receiveHead();
        const std::string backlog = member(stream.receiveEvent(), "connectionId");
        const std::string rails = member(stream.receiveEvent(), "connection_id");
        CPPUNIT_ASSERT_EQUAL(backlog, rails);
        CPPUNIT_ASSERT(!rails.empty());
        RawConnection standard(fixture.port());
        standard.send(getStream("/sse"));
        (void)standard.receiveHead();
        CPPUNIT_ASSERT(standard.receiveEvent().starts_with("/messages?"));
    }

    void acceptsWithTheStatusThatIsSet()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.acceptedStatus", "204"}});
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/sse"));
        (void)stream.receiveHead();
        const std::string endpoint = stream.receiveEvent();
        poster.send(message(endpoint, "echo one"));
        const HttpReply reply = poster.receive();
        CPPUNIT_ASSERT_EQUAL(204, reply.status);
        CPPUNIT_ASSERT(reply.header("content-length").empty());
        CPPUNIT_ASSERT_EQUAL(std::string("echo one"), stream.receiveEvent());
    }

    void sendsOnlyTheEventsThatAreWanted()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "backlog"}, {"timeouts.heartbeatMs", "10"}});
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/mcp/sse?events=mcp-response,mcp-error"));
        (void)stream.receiveHead();
        const std::string id = member(stream.receiveEvent(), "connectionId");
        poster.send(message("/mcp/sse/send", R"({"connectionId":")" + id + R"(","message":{"method":"progress"}})"));
        CPPUNIT_ASSERT_EQUAL(200, poster.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("mcp-response"), member(stream.receiveEvent(), "type"));
        // Without a filter the state of the connection is told too.
        RawConnection all(fixture.port());
        all.send(getStream("/mcp/sse"));
        (void)all.receiveHead();
        (void)all.receiveEvent();
        const std::string status = all.receiveEvent();
        CPPUNIT_ASSERT_EQUAL(std::string("connection-status"), member(status, "type"));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), member(status, "status"));
    }

    void beatsSteadily()
    {
        // A heartbeat comes though the stream is never silent.
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "rails"}, {"timeouts.heartbeatMs", "100"}});
        RawConnection stream(fixture.port()), poster(fixture.port());
        stream.send(getStream("/mcp/sse"));
        (void)stream.receiveHead();
        const std::string id = member(stream.receiveEvent(), "connection_id");
        bool beaten = false;
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!beaten && std::chrono::steady_clock::now() < patience)
        {
            poster.send(message("/mcp/sse/message", R"({"method":"echo","connection_id":")" + id + "\"}"));
            CPPUNIT_ASSERT_EQUAL(200, poster.receive().status);
            for (std::string event = stream.receiveEvent(); !beaten && event.find("echo") == std::string::npos;
                 event = stream.receiveEvent())
                beaten = member(event, "status") == "alive";
        }
        CPPUNIT_ASSERT(beaten);
    }

    void answersPlainPosts()
    {
        FrontFixture fixture(FrontFixture::Settings{{"sse.profiles", "rails"}});
        fixture.services.keepBodies = true;
        RawConnection client(fixture.port());
        client.send(post(R"({"jsonrpc":"2.0","id":1,"method":"echo"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","id":1,"method":"echo"})"), client.receive().body);
        const auto nothingLeft = [&]
        {
            const std::lock_guard lock(fixture.services.mutex);
            return fixture.services.sessions.empty();
        };
        CPPUNIT_ASSERT(eventually(nothingLeft));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), fixture.services.bodies.size());
        // What names a revision or a session is none of them.
        client.send(post(R"({"jsonrpc":"2.0","id":1,"method":"echo"})", {{"Mcp-Session-Id", "s"}}));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), fixture.services.bodies.size());
        fixture.services.bodies.clear();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SseTransportTest);

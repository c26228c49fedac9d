#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/String.h>
#include <Poco/Thread.h>

using namespace tenon;
using namespace tenon::tests;

class HttpFrontTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HttpFrontTest);
    CPPUNIT_TEST(answersOnOneConnectionAgainAndAgain);
    CPPUNIT_TEST(answersLaterFromAnotherThread);
    CPPUNIT_TEST(answersNotificationsWith202);
    CPPUNIT_TEST(tellsStatusesOfErrors);
    CPPUNIT_TEST(tellsTheSessionId);
    CPPUNIT_TEST(demandsJson);
    CPPUNIT_TEST(readsAcceptGenerously);
    CPPUNIT_TEST(streamsWhenSomethingComesBeforeTheResult);
    CPPUNIT_TEST(streamsToWhoTakesNothingElse);
    CPPUNIT_TEST(knowsPathsAndMethods);
    CPPUNIT_TEST(answersHead);
    CPPUNIT_TEST(answersPipelinedRequestsInOrder);
    CPPUNIT_TEST(readsBodiesByteByByte);
    CPPUNIT_TEST(readsLargeAndChunkedBodies);
    CPPUNIT_TEST(says100Continue);
    CPPUNIT_TEST(speaksHttp10);
    CPPUNIT_TEST(closesWhenAsked);
    CPPUNIT_TEST(packsLargeAnswers);
    CPPUNIT_TEST(modernRevisionsHavePostOnly);
    CPPUNIT_TEST(deletesSessions);
    CPPUNIT_TEST(takesOverAListeningSocket);
    CPPUNIT_TEST(drainsInOrder);
    CPPUNIT_TEST(answersWhoIsConnectedWhenItDrains);
    CPPUNIT_TEST(answersAfterAHalfClose);
    CPPUNIT_TEST_SUITE_END();

public:
    void answersOnOneConnectionAgainAndAgain()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (int i = 0; i < 100; ++i)
        {
            client.send(post("{fixed}"));
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT(isFixed(reply));
            CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.header("content-type"));
            CPPUNIT_ASSERT(!reply.header("date").empty());
            CPPUNIT_ASSERT(reply.header("connection").empty());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), fixture.front->connections());
    }

    void answersLaterFromAnotherThread()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (int i = 0; i < 5; ++i)
        {
            client.send(post("later"));
            CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"later"})"), client.receive().body);
        }
    }

    void answersNotificationsWith202()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("notify"));
        const HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(202, reply.status);
        CPPUNIT_ASSERT(reply.body.empty());
        client.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(client.receive()));
    }

    void tellsStatusesOfErrors()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("nonsense"));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
        client.send(post("bad"));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
    }

    void tellsTheSessionId()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("initialize"));
        CPPUNIT_ASSERT_EQUAL(std::string("session-1"), client.receive().header("mcp-session-id"));
    }

    void demandsJson()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("fixed", {{"Content-Type", "text/plain"}}));
        CPPUNIT_ASSERT_EQUAL(415, client.receive().status);
        client.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfixed");
        CPPUNIT_ASSERT_EQUAL(415, client.receive().status);
        client.send(post("fixed", {{"Content-Type", "Application/JSON; charset=UTF-8"}}));
        CPPUNIT_ASSERT(isFixed(client.receive()));
    }

    void readsAcceptGenerously()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (const std::string accept : {"*/*", "application/json", "application/json, text/event-stream", ""})
        {
            client.send(post("fixed", {{"Accept", accept}}));
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT(isFixed(reply));
            CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.header("content-type"));
        }
        client.send(
            "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nfixed");
        CPPUNIT_ASSERT(isFixed(client.receive()));
        client.send(post("fixed", {{"Accept", "text/html"}}));
        CPPUNIT_ASSERT_EQUAL(406, client.receive().status);
    }

    void streamsWhenSomethingComesBeforeTheResult()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (int i = 0; i < 3; ++i)
        {
            client.send(post("progress", {{"Accept", "application/json, text/event-stream"}}));
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT_EQUAL(200, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), reply.header("content-type"));
            CPPUNIT_ASSERT_EQUAL(std::string("no"), reply.header("x-accel-buffering"));
            CPPUNIT_ASSERT_EQUAL(std::string("no-cache"), reply.header("cache-control"));
            CPPUNIT_ASSERT_EQUAL(std::string("event: message\nid: s_0\ndata: {\"progress\":1}\n\n"
                                             "event: message\nid: s_1\ndata: {\"progress\":2}\n\n"
                                             "event: message\ndata: {\"result\":\"done\"}\n\n"),
                                 reply.body);
        }
        client.send(post("progress"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"done"})"), client.receive().body);
    }

    void streamsToWhoTakesNothingElse()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("later", {{"Accept", "text/event-stream"}}));
        const HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), reply.header("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string("event: message\ndata: {\"result\":\"later\"}\n\n"), reply.body);
        client.send(post("bad", {{"Accept", "text/event-stream"}}));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
    }

    void knowsPathsAndMethods()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(request("GET", "/nowhere"));
        CPPUNIT_ASSERT_EQUAL(404, client.receive().status);
        client.send(request("PUT", "/mcp", {}, "fixed"));
        HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(405, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, POST, DELETE, OPTIONS"), reply.header("allow"));
        client.send(request("POST", "/health", {}, "x"));
        reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(405, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, OPTIONS"), reply.header("allow"));
        client.send(request("BREW", "/health"));
        CPPUNIT_ASSERT_EQUAL(501, client.receive().status);
        client.send(request("OPTIONS", "/health"));
        reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(204, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, OPTIONS"), reply.header("allow"));
        client.send(request("OPTIONS", "*"));
        CPPUNIT_ASSERT_EQUAL(204, client.receive().status);
        client.send(request("GET", "/health?x=y"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"healthy"})"), client.receive().body);
    }

    void answersHead()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(request("HEAD", "/health"));
        const HttpReply reply = client.receiveHead();
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("20"), reply.header("content-length"));
        client.send(request("GET", "/health"));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
    }

    void answersPipelinedRequestsInOrder()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        std::string all;
        for (int i = 0; i < 200; ++i)
            all += i % 10 == 3 ? post("later " + std::to_string(i)) : post("echo " + std::to_string(i));
        client.send(all);
        for (int i = 0; i < 200; ++i)
            CPPUNIT_ASSERT_EQUAL(i % 10 == 3 ? std::string(R"({"result":"later"})") : "echo " + std::to_string(i),
                                 client.receive().body);
    }

    void readsBodiesByteByByte()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (const std::string& text :
             {post("echo slowly"),
              request("POST", "/mcp", {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
                      "5\r\necho \r\n6;x=y\r\nslowly\r\n0\r\nTrailer: z\r\n\r\n")})
        {
            for (const char c : text)
                client.send(std::string_view(&c, 1));
            CPPUNIT_ASSERT_EQUAL(std::string("echo slowly"), client.receive().body);
        }
    }

    void readsLargeAndChunkedBodies()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (const std::size_t size : {100U, 65000U, 65536U, 70000U, 1000000U, 4000000U})
        {
            const std::string body = "echo" + std::string(size, 'x');
            client.send(post(body) + post("fixed"));
            CPPUNIT_ASSERT(client.receive().body == body);
            CPPUNIT_ASSERT(isFixed(client.receive()));
            std::string chunked;
            for (std::size_t at = 0; at < body.size(); at += 5000)
            {
                const std::string piece = body.substr(at, 5000);
                char head[16];
                std::snprintf(head, sizeof head, "%zx\r\n", piece.size());
                chunked += head + piece + "\r\n";
            }
            client.send(request("POST", "/mcp",
                                {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
                                chunked + "0\r\n\r\n") +
                        post("fixed"));
            CPPUNIT_ASSERT(client.receive().body == body);
            CPPUNIT_ASSERT(isFixed(client.receive()));
        }
    }

    void says100Continue()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
                    "Expect: 100-continue\r\n\r\n");
        // RawConnection skips the 100 only together with the final head, so the body goes out after a first read.
        client.send("fixed");
        CPPUNIT_ASSERT(isFixed(client.receive()));
        client.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n"
                    "Expect: 100-continue\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(413, client.receive().status);
    }

    void speaksHttp10()
    {
        FrontFixture fixture;
        {
            RawConnection client(fixture.port());
            client.send("GET /health HTTP/1.0\r\n\r\n");
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT_EQUAL(200, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.header("connection"));
            CPPUNIT_ASSERT(client.closedByServer());
        }
        {
            RawConnection client(fixture.port());
            for (int i = 0; i < 2; ++i)
            {
                client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
                CPPUNIT_ASSERT_EQUAL(std::string("keep-alive"), client.receive().header("connection"));
            }
        }
        {
            RawConnection client(fixture.port());
            client.send("POST /mcp HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n"
                        "Accept: text/event-stream\r\nContent-Length: 8\r\n\r\nprogress");
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT(reply.header("transfer-encoding").empty());
            CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.header("connection"));
            CPPUNIT_ASSERT(reply.body.ends_with("data: {\"result\":\"done\"}\n\n"));
        }
    }

    void closesWhenAsked()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.keepAliveMax", "3"}});
        {
            RawConnection client(fixture.port());
            client.send(post("fixed", {{"Connection", "close"}}));
            CPPUNIT_ASSERT_EQUAL(std::string("close"), client.receive().header("connection"));
            CPPUNIT_ASSERT(client.closedByServer());
        }
        {
            RawConnection client(fixture.port());
            client.send(post("later", {{"Connection", "close"}}));
            CPPUNIT_ASSERT_EQUAL(std::string("close"), client.receive().header("connection"));
            CPPUNIT_ASSERT(client.closedByServer());
        }
        RawConnection client(fixture.port());
        for (int i = 0; i < 3; ++i)
        {
            client.send(post("fixed"));
            CPPUNIT_ASSERT_EQUAL(std::string(i == 2 ? "close" : ""), client.receive().header("connection"));
        }
        CPPUNIT_ASSERT(client.closedByServer());
    }

    void packsLargeAnswers()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("big", {{"Accept-Encoding", "gzip, deflate"}}));
        HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), reply.header("content-encoding"));
        CPPUNIT_ASSERT(reply.body.size() < 2000 && reply.body.starts_with("\x1f\x8b"));
        client.send(post("big"));
        reply = client.receive();
        CPPUNIT_ASSERT(reply.header("content-encoding").empty());
        CPPUNIT_ASSERT(reply.body.size() > 100000);
        client.send(post("fixed", {{"Accept-Encoding", "gzip"}}));
        CPPUNIT_ASSERT(client.receive().header("content-encoding").empty());
    }

    void modernRevisionsHavePostOnly()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(getStream("/mcp", {{"MCP-Protocol-Version", "2026-07-28"}}));
        HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(405, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("POST, OPTIONS"), reply.header("allow"));
        client.send(request("DELETE", "/mcp", {{"MCP-Protocol-Version", "2026-07-28"}}));
        CPPUNIT_ASSERT_EQUAL(405, client.receive().status);
        client.send(request("GET", "/mcp", {{"Mcp-Session-Id", "session-1"}}));
        CPPUNIT_ASSERT_EQUAL(405, client.receive().status);
        client.send(request("HEAD", "/mcp"));
        CPPUNIT_ASSERT_EQUAL(405, client.receiveHead().status);
    }

    void deletesSessions()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(request("DELETE", "/mcp", {{"Mcp-Session-Id", "session-1"}}));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        client.send(request("DELETE", "/mcp", {{"Mcp-Session-Id", "other"}}));
        CPPUNIT_ASSERT_EQUAL(404, client.receive().status);
    }

    void takesOverAListeningSocket()
    {
        Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
        mcp::Services services;
        base::Timers timers;
        base::MetricsRegistry metrics;
        base::Budget budget(base::Budget::UNLIMITED);
        net::AnonymousAdmission everybody;
        net::Router::Ptr router(new net::Router);
        net::HttpFront front(net::Settings::read(*base::Settings::of({}, net::settings())), router, everybody, timers,
                             metrics, budget, socket);
        front.start();
        CPPUNIT_ASSERT_EQUAL(socket.address().port(), front.port());
        CPPUNIT_ASSERT_EQUAL(404, exchange(front.port(), "GET", "/").status);
        front.stop();
        timers.stop();
    }

    void drainsInOrder()
    {
        FrontFixture fixture;
        RawConnection idle(fixture.port()), busy(fixture.port());
        idle.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(idle.receive()));
        busy.send(post("block"));
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.blocked == 1;
            }));
        fixture.front->drain();
        CPPUNIT_ASSERT(idle.closedByServer());
        CPPUNIT_ASSERT(!fixture.front->awaitQuiet(std::chrono::milliseconds(20)));
        CPPUNIT_ASSERT_THROW(RawConnection(fixture.port()), Poco::Exception);
        fixture.services.release();
        const HttpReply reply = busy.receive();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"unblocked"})"), reply.body);
        CPPUNIT_ASSERT(fixture.front->awaitQuiet(std::chrono::seconds(10)));
        CPPUNIT_ASSERT(busy.closedByServer());
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
    }

    /// A proxy that does not ask whether the server is ready has connected, and its request is on the way.
    void answersWhoIsConnectedWhenItDrains()
    {
        FrontFixture fixture;
        RawConnection used(fixture.port()), fresh(fixture.port());
        used.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(used.receive()));
        fixture.front->drain();
        Poco::Thread::sleep(400); // longer than any sweep takes to come by
        for (RawConnection* client : {&used, &fresh})
        {
            client->send(post("fixed"));
            const HttpReply reply = client->receive();
            CPPUNIT_ASSERT(isFixed(reply));
            CPPUNIT_ASSERT_EQUAL(std::string("close"), Poco::toLower(reply.header("connection")));
            CPPUNIT_ASSERT(client->closedByServer());
        }
        CPPUNIT_ASSERT(fixture.front->awaitQuiet(std::chrono::seconds(10)));
    }

    void answersAfterAHalfClose()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("fixed") + post("echo two"));
        client.shutdownSend();
        CPPUNIT_ASSERT(isFixed(client.receive()));
        CPPUNIT_ASSERT_EQUAL(std::string("echo two"), client.receive().body);
        CPPUNIT_ASSERT(client.closedByServer());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpFrontTest);

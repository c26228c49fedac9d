#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

using namespace tenon;
using namespace tenon::tests;

class LimitsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LimitsTest);
    CPPUNIT_TEST(refusesAndCloses);
    CPPUNIT_TEST(aRefusalReachesAClientThatIsStillSending);
    CPPUNIT_TEST(boundsChunkedBodies);
    CPPUNIT_TEST(tellsSlowSenders);
    CPPUNIT_TEST(closesIdleConnections);
    CPPUNIT_TEST(tellsWhenAMessageEndedEarly);
    CPPUNIT_TEST(boundsConnections);
    CPPUNIT_TEST(asksTheGateOnceAMessage);
    CPPUNIT_TEST(refusesBeforeTheBodyIsRead);
    CPPUNIT_TEST(connectionsOfEachPrincipalAreLimited);
    CPPUNIT_TEST(streamsOfEachPrincipalAreLimited);
    CPPUNIT_TEST_SUITE_END();

    static std::string mcp(std::string_view lines, std::string_view body = "fixed")
    {
        return "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + std::string(lines) + "\r\n" +
               std::string(body);
    }

public:
    void refusesAndCloses()
    {
        FrontFixture fixture(
            FrontFixture::Settings{{"http.maxHeaderBytes", "2048"}, {"limits.maxMessageBytes", "2000"}});
        const struct
        {
            std::string text;
            int status;
        } cases[] = {
            {"GET /health HTTP/1.1\n\n", 400},
            {mcp("Content-Length: +5\r\n"), 400},
            {mcp("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
            {mcp("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
            {mcp("Content-Length : 5\r\n"), 400},
            {mcp("X: a\r\n b\r\n"), 400},
            {mcp("Transfer-Encoding: gzip, chunked\r\n"), 501},
            {mcp("Transfer-Encoding: chunked\r\n", "5\r\nfixed\n0\r\n\r\n"), 400},
            {mcp("Transfer-Encoding: chunked\r\n", "-5\r\nfixed\r\n0\r\n\r\n"), 400},
            {mcp("Content-Length: 2001\r\n"), 413},
            {mcp("X: " + std::string(3000, 'a') + "\r\n"), 431},
            {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
            {"GET /health HTTP/3.0\r\nHost: a\r\n\r\n", 505},
            {mcp("Expect: more\r\nContent-Length: 5\r\n"), 417},
        };
        for (const auto& test : cases)
        {
            RawConnection client(fixture.port());
            // A second request behind it must never be seen as one.
            client.send(test.text + post("fixed"));
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(test.text.substr(0, 200), test.status, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.header("connection"));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(test.text.substr(0, 200), 0, client.receiveHead().status);
        }
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
    }

    void aRefusalReachesAClientThatIsStillSending()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.maxMessageBytes", "100000"}});
        for (int i = 0; i < 5; ++i)
        {
            RawConnection client(fixture.port());
            client.send(post(std::string(3000000, 'x')));
            CPPUNIT_ASSERT_EQUAL(413, client.receive().status);
        }
    }

    void boundsChunkedBodies()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.maxMessageBytes", "1024"}});
        RawConnection client(fixture.port());
        client.send(mcp("Transfer-Encoding: chunked\r\n", "300\r\n" + std::string(0x300, 'x') + "\r\n300\r\n"));
        CPPUNIT_ASSERT_EQUAL(413, client.receive().status);
        CPPUNIT_ASSERT(client.closedByServer());
    }

    void tellsSlowSenders()
    {
        FrontFixture fixture(FrontFixture::Settings{{"timeouts.headMs", "200"}, {"timeouts.bodyMs", "200"}});
        RawConnection head(fixture.port()), body(fixture.port()), chunks(fixture.port()), silent(fixture.port());
        head.send("GET /health HTTP/1.1\r\nHost:");
        body.send(mcp("Content-Length: 50\r\n", "fixed"));
        chunks.send(mcp("Transfer-Encoding: chunked\r\n", "5\r\nfix"));
        CPPUNIT_ASSERT_EQUAL(408, head.receive().status);
        CPPUNIT_ASSERT_EQUAL(408, body.receive().status);
        CPPUNIT_ASSERT_EQUAL(408, chunks.receive().status);
        CPPUNIT_ASSERT(head.closedByServer() && body.closedByServer() && chunks.closedByServer());
        CPPUNIT_ASSERT(silent.closedByServer());
    }

    void closesIdleConnections()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.keepAliveMs", "200"}});
        RawConnection client(fixture.port());
        client.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(client.receive()));
        CPPUNIT_ASSERT(client.closedByServer());
    }

    void tellsWhenAMessageEndedEarly()
    {
        FrontFixture fixture;
        for (const std::string& text :
             {std::string("GET /health HTTP/1.1\r\nHost: a\r\n"), mcp("Content-Length: 50\r\n", "fixed"),
              mcp("Transfer-Encoding: chunked\r\n", "5\r\nfixed\r\n")})
        {
            RawConnection client(fixture.port());
            client.send(text);
            client.shutdownSend();
            CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
            CPPUNIT_ASSERT(client.closedByServer());
        }
    }

    void boundsConnections()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.maxConnections", "3"}});
        {
            std::vector<std::unique_ptr<RawConnection>> clients;
            for (int i = 0; i < 3; ++i)
            {
                clients.push_back(std::make_unique<RawConnection>(fixture.port()));
                clients.back()->send(post("fixed"));
                CPPUNIT_ASSERT(isFixed(clients.back()->receive()));
            }
            RawConnection fourth(fixture.port());
            const HttpReply reply = fourth.receive();
            CPPUNIT_ASSERT_EQUAL(503, reply.status);
            CPPUNIT_ASSERT(!reply.header("retry-after").empty());
        }
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
    }

    /// Knows people by X-Name and limits what each may have.
    class Host final : public net::AdmissionControl
    {
    public:
        guard::Admission admit(const guard::RequestFacts& facts) override
        {
            std::string_view name = "nobody";
            (void)facts.headers->header("X-Name", name);
            auto principal = std::make_shared<base::Principal>();
            principal->id = principal->name = name;
            guard::Admission admission;
            admission.principal = std::move(principal);
            admission.clientAddress = facts.peerAddress;
            admission.limits.connections = 2;
            admission.limits.streams = 1;
            admission.holder = name;
            return admission;
        }
        guard::Reply preflight(const guard::RequestFacts&, std::string_view) override { return {204, {}, {}}; }
    };

    void connectionsOfEachPrincipalAreLimited()
    {
        FrontFixture fixture(FrontFixture::Settings(), std::make_unique<Host>());
        const std::string alices = post("fixed", {{"X-Name", "alice"}}), bobs = post("fixed", {{"X-Name", "bob"}});
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (int at = 0; at < 3; ++at)
        {
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
            clients.back()->send(alices);
            const HttpReply reply = clients.back()->receive();
            CPPUNIT_ASSERT_EQUAL(at < 2 ? 200 : 429, reply.status);
            CPPUNIT_ASSERT_EQUAL(at == 2, !reply.header("retry-after").empty());
        }
        CPPUNIT_ASSERT_MESSAGE("the one too many is closed", clients[2]->closedByServer());
        clients[0]->send(alices);
        CPPUNIT_ASSERT_MESSAGE("those that are in stay", isFixed(clients[0]->receive()));
        clients[0]->send(bobs);
        CPPUNIT_ASSERT_MESSAGE("a proxy's connection is whose request it carries", isFixed(clients[0]->receive()));
        RawConnection next(fixture.port());
        next.send(alices);
        CPPUNIT_ASSERT(isFixed(next.receive()));
        clients.clear();
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                RawConnection again(fixture.port());
                again.send(alices);
                return isFixed(again.receive());
            }));
    }

    void streamsOfEachPrincipalAreLimited()
    {
        FrontFixture fixture(FrontFixture::Settings(), std::make_unique<Host>());
        const auto open = [&](const char* path, const char* name)
        {
            auto client = std::make_unique<RawConnection>(fixture.port());
            client->send(getStream(path, {{"X-Name", name}, {"Mcp-Session-Id", "s"}}));
            const int status = client->receiveHead().status;
            return std::make_pair(status, std::move(client));
        };
        // Alice's connections have a limit too, and one that she closed counts until the server has seen that.
        const auto alone = [&] { return fixture.front->connections() == 1; };
        auto first = open("/sse", "alice");
        CPPUNIT_ASSERT_EQUAL(200, first.first);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("of whatever kind", 429, open("/mcp", "alice").first);
        CPPUNIT_ASSERT(eventually(alone));
        CPPUNIT_ASSERT_EQUAL(429, open("/sse", "alice").first);
        CPPUNIT_ASSERT(eventually(alone));
        RawConnection listener(fixture.port());
        listener.send(post("fixed", {{"X-Name", "alice"}, {"Mcp-Method", "subscriptions/listen"}}));
        CPPUNIT_ASSERT_EQUAL(429, listener.receive().status);
        listener.send(post("fixed", {{"X-Name", "alice"}}));
        CPPUNIT_ASSERT_MESSAGE("calls are no streams", isFixed(listener.receive()));
        CPPUNIT_ASSERT_EQUAL(200, open("/sse", "bob").first);
        first.second.reset();
        CPPUNIT_ASSERT(eventually([&] { return open("/sse", "alice").first == 200; }));
    }

    /// Counts, and keeps out who brings no key.
    class Door final : public net::AdmissionControl
    {
    public:
        guard::Admission admit(const guard::RequestFacts& facts) override
        {
            ++asked;
            std::string_view key;
            guard::Admission admission = _everybody.admit(facts);
            admission.headers = {{"Access-Control-Allow-Origin", "http://a"}};
            if (facts.headers->header("X-Key", key))
                return admission;
            admission.principal = nullptr;
            admission.refusal = std::make_unique<guard::Reply>(
                guard::Reply{401, {{"WWW-Authenticate", "Bearer"}, {"Content-Type", "application/json"}}, "{}"});
            return admission;
        }
        guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) override
        {
            return _everybody.preflight(facts, methods);
        }
        std::atomic<int> asked{0};

    private:
        net::AnonymousAdmission _everybody;
    };

    void asksTheGateOnceAMessage()
    {
        auto owned = std::make_unique<Door>();
        Door& door = *owned;
        FrontFixture fixture(FrontFixture::Settings(), std::move(owned));
        RawConnection client(fixture.port());
        const std::string whole = post("fixed", {{"X-Key", "k"}});
        for (const char c : whole)
            client.send(std::string_view(&c, 1));
        HttpReply reply = client.receive();
        CPPUNIT_ASSERT(isFixed(reply));
        CPPUNIT_ASSERT_EQUAL(std::string("http://a"), reply.header("access-control-allow-origin"));
        CPPUNIT_ASSERT_EQUAL(1, door.asked.load());
        client.send(post("fixed"));
        reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(401, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer"), reply.header("www-authenticate"));
        client.send(whole); // a refusal with its body read keeps the connection
        CPPUNIT_ASSERT(isFixed(client.receive()));
        CPPUNIT_ASSERT_EQUAL(3, door.asked.load());
    }

    void refusesBeforeTheBodyIsRead()
    {
        FrontFixture fixture(FrontFixture::Settings(), std::make_unique<Door>());
        RawConnection client(fixture.port());
        client.send(mcp("Content-Length: 1000000\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, client.receive().status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LimitsTest);

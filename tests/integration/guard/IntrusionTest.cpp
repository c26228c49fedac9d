// The attacks by which somebody could get in, or at what is another's: one row each, and a way in that stays open.
#include "Tokens.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

using namespace tenon::tests;

class IntrusionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(IntrusionTest);
    CPPUNIT_TEST(aReboundNameReachesNothing);
    CPPUNIT_TEST(foreignPagesReachNothing);
    CPPUNIT_TEST(anothersSessionIsNotThere);
    CPPUNIT_TEST(streamsAreNotReplayedAcrossSessions);
    CPPUNIT_TEST(forgedTokensAreRefused);
    CPPUNIT_TEST(aPublicKeyIsNoSecret);
    CPPUNIT_TEST(credentialsThatHaveEndedAreRefused);
    CPPUNIT_TEST(headersAreNotInjected);
    CPPUNIT_TEST(logLinesAreNotForged);
    CPPUNIT_TEST(nearMissesTakeAsLongAsFarOnes);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* SECRET = "a secret of more than thirty-two bytes, shared";

    static ServerProcess::Arguments twoPeople()
    {
        return {"--auth.type=bearer", "--auth.token.alice.sha256=" + sha256Hex("alice"),
                "--auth.token.bob.sha256=" + sha256Hex("bob"), "--limits.rate=0"};
    }

    static Headers as(const std::string& token, Headers headers = {})
    {
        headers["Authorization"] = "Bearer " + token;
        headers.emplace("Content-Type", "application/json");
        headers.emplace("Accept", "application/json, text/event-stream");
        return headers;
    }

    static std::string openSession(const ServerProcess& server, const std::string& token)
    {
        const HttpReply reply = exchange(
            server.port(), "POST", "/mcp", as(token),
            legacyBody("1", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
        return reply.header("mcp-session-id");
    }

    static int statusWith(const ServerProcess& server, const std::string& token)
    {
        Headers headers = modernHeaders("tools/list");
        headers["Authorization"] = "Bearer " + token;
        return exchange(server.port(), "POST", "/mcp", headers, modernBody("1", "tools/list")).status;
    }

    static std::string claims(long expiresIn, const std::string& more = {})
    {
        return R"({"sub":"alice","aud":"https://mcp.example","exp":)" + std::to_string(std::time(nullptr) + expiresIn) +
               more + '}';
    }

public:
    void aReboundNameReachesNothing()
    {
        const auto server = ServerProcess::serve({"--sse.profiles=standard,path-session,backlog,rails"});
        const std::pair<const char*, const char*> routes[] = {
            {"POST", "/mcp"},       {"GET", "/mcp"},           {"DELETE", "/mcp"},
            {"GET", "/sse"},        {"POST", "/messages"},     {"GET", "/sse/a"},
            {"POST", "/message/a"}, {"GET", "/mcp/sse"},       {"GET", "/stats"},
            {"POST", "/broadcast"}, {"GET", "/metrics"},       {"GET", "/health"},
            {"GET", "/"},           {"GET", "/mcp/sse/stats"}, {"DELETE", "/stats/sessions/a"}};
        const Headers rebound[] = {{{"Host", "evil.example"}},
                                   {{"Host", "evil.example:" + std::to_string(server->port())}},
                                   {{"Host", "evil.example"}, {"X-Forwarded-Host", "localhost"}},
                                   {{"Host", "evil.example"}, {"Forwarded", "host=localhost"}},
                                   {{"Host", "localhost.evil.example"}},
                                   {{"Host", "127.0.0.1.evil.example"}}};
        for (const auto& [method, path] : routes)
            for (const Headers& headers : rebound)
            {
                const HttpReply reply = exchange(server->port(), method, path, headers);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(method) + ' ' + path, 403, reply.status);
            }
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/health", {{"Host", "localhost"}}).status);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void foreignPagesReachNothing()
    {
        const auto server = ServerProcess::serve({"--http.allowedOrigins=https://app.example"});
        for (const char* origin :
             {"http://evil.example", "null", "https://app.example.evil.example", "https://app.exampl",
              "http://app.example", "file://", "https://app.example@evil.example"})
        {
            const HttpReply reply =
                exchange(server->port(), "POST", "/mcp", {{"Origin", origin}, {"Content-Type", "text/plain"}}, "{}");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(origin, 403, reply.status);
            CPPUNIT_ASSERT_MESSAGE(origin, reply.header("access-control-allow-origin").empty());
        }
        Headers headers = modernHeaders("tools/list");
        headers["Origin"] = "https://app.example";
        const HttpReply allowed = exchange(server->port(), "POST", "/mcp", headers, modernBody("1", "tools/list"));
        CPPUNIT_ASSERT_EQUAL(200, allowed.status);
        CPPUNIT_ASSERT_EQUAL(std::string("https://app.example"), allowed.header("access-control-allow-origin"));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void anothersSessionIsNotThere()
    {
        const auto server = ServerProcess::serve(twoPeople());
        const std::string session = openSession(*server, "alice");
        const std::string ping = legacyBody("2", "ping");
        const Headers own{{"Mcp-Session-Id", session}, {"MCP-Protocol-Version", "2025-11-25"}};
        CPPUNIT_ASSERT_EQUAL(404, exchange(server->port(), "POST", "/mcp", as("bob", own), ping).status);
        CPPUNIT_ASSERT_EQUAL(404, exchange(server->port(), "GET", "/mcp", as("bob", own)).status);
        CPPUNIT_ASSERT_EQUAL(404, exchange(server->port(), "DELETE", "/mcp", as("bob", own)).status);
        CPPUNIT_ASSERT_EQUAL(403, exchange(server->port(), "DELETE", "/stats/sessions/" + session, as("bob")).status);
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "POST", "/mcp", as("alice", own), ping).status);

        RawConnection stream(server->port());
        stream.send(request("GET", "/sse", as("alice")));
        CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
        const std::string path = stream.receiveEvent();
        CPPUNIT_ASSERT_EQUAL(404, exchange(server->port(), "POST", path, as("bob"), ping).status);
        CPPUNIT_ASSERT_EQUAL(202, exchange(server->port(), "POST", path, as("alice"), ping).status);
        CPPUNIT_ASSERT(stream.receiveEvent().find("\"id\":2") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void streamsAreNotReplayedAcrossSessions()
    {
        const auto server = ServerProcess::serve(twoPeople());
        const std::string first = openSession(*server, "alice"), second = openSession(*server, "alice"),
                          bobs = openSession(*server, "bob");
        RawConnection stream(server->port());
        stream.send(request("GET", "/mcp", as("alice", {{"Mcp-Session-Id", first}})));
        CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
        // What a stream is called is seen by who has it only: all names it could have are tried.
        const auto resume = [&](const std::string& who, const std::string& session, const std::string& from)
        {
            RawConnection client(server->port());
            client.send(request("GET", "/mcp", as(who, {{"Mcp-Session-Id", session}, {"Last-Event-ID", from}})));
            return client.receiveHead().status;
        };
        for (const std::string& from : {first + "_0", std::string("0_0"), std::string("1_0"), std::string("s_0"), first,
                                        std::string("../") + first + "_0"})
        {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(from, 400, resume("alice", second, from));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(from, 400, resume("bob", bobs, from));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(from, 404, resume("bob", first, from));
        }
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void forgedTokensAreRefused()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({"--auth.type=jwt", "--limits.rate=0",
                                                  "--auth.jwt.secretFile=" + folder.write("secret", SECRET),
                                                  "--auth.jwt.audience=https://mcp.example"});
        CPPUNIT_ASSERT_EQUAL(200, statusWith(*server, tokens::hs256(claims(600), SECRET)));
        const std::string good = claims(600);
        const std::pair<const char*, std::string> forged[] = {
            {"alg none", tokens::join(R"({"alg":"none"})", good, "")},
            {"alg None", tokens::join(R"({"alg":"None","typ":"JWT"})", good, "")},
            {"alg none, signed", tokens::hs256(good, SECRET, R"({"alg":"none"})")},
            {"no alg", tokens::hs256(good, SECRET, R"({"typ":"JWT"})")},
            {"alg twice", tokens::hs256(good, SECRET, R"({"alg":"none","alg":"HS256"})")},
            {"another secret", tokens::hs256(good, "another secret of more than thirty-two bytes")},
            {"an empty secret", tokens::hs256(good, "")},
            {"no signature", tokens::join(R"({"alg":"HS256"})", good, "")},
            {"critical", tokens::hs256(good, SECRET, R"({"alg":"HS256","crit":["b64"],"b64":false})")},
            {"own key", tokens::hs256(good, "x", R"({"alg":"HS256","jwk":{"kty":"oct","k":"eA"}})")},
            {"key from elsewhere", tokens::hs256(good, "", R"({"alg":"HS256","kid":"../../../../dev/null"})")},
            {"another audience",
             tokens::hs256(R"({"sub":"a","aud":"https://other.example","exp":99999999999})", SECRET)},
            {"no end", tokens::hs256(R"({"sub":"a","aud":"https://mcp.example"})", SECRET)},
            {"not yet", tokens::hs256(claims(600, R"(,"nbf":99999999999)"), SECRET)},
            {"no subject", tokens::hs256(R"({"aud":"https://mcp.example","exp":99999999999})", SECRET)},
            {"two parts", "e30.e30"},
            {"five parts", "e30.e30.e30.e30.e30"},
            {"nothing", ".."}};
        for (const auto& [what, token] : forged)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, 401, statusWith(*server, token));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void aPublicKeyIsNoSecret()
    {
        const TemporaryFolder folder;
        const tokens::RsaKey key, other;
        const auto server = ServerProcess::serve({"--auth.type=jwt", "--limits.rate=0",
                                                  "--auth.jwt.keyFile=" + folder.write("key.pem", key.publicPem()),
                                                  "--auth.jwt.audience=https://mcp.example"});
        CPPUNIT_ASSERT_EQUAL(200, statusWith(*server, key.rs256(claims(600))));
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, other.rs256(claims(600))));
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, tokens::hs256(claims(600), key.publicPem())));
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, key.rs256(claims(600), R"({"alg":"HS256"})")));
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, key.rs256(claims(600), R"({"alg":"RS512"})")));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void credentialsThatHaveEndedAreRefused()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve(
            {"--auth.type=bearer,jwt", "--limits.rate=0", "--auth.jwt.secretFile=" + folder.write("secret", SECRET),
             "--auth.jwt.audience=https://mcp.example", "--auth.jwt.clockSkewMs=0",
             "--auth.token.old.sha256=" + sha256Hex("old"), "--auth.token.old.expires=2020-01-01T00:00:00Z",
             "--auth.token.new.sha256=" + sha256Hex("new"), "--auth.token.new.expires=2999-01-01T00:00:00Z"});
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, "old"));
        CPPUNIT_ASSERT_EQUAL(200, statusWith(*server, "new"));
        CPPUNIT_ASSERT_EQUAL(401, statusWith(*server, tokens::hs256(claims(-1), SECRET)));
        CPPUNIT_ASSERT_EQUAL(200, statusWith(*server, tokens::hs256(claims(60), SECRET)));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void headersAreNotInjected()
    {
        const auto server = ServerProcess::serve(twoPeople());
        // Each is sent as it is; nothing of it may come back as a header, and none may be taken for two requests.
        const std::string host = "Host: localhost\r\n";
        const std::vector<std::string> attempts = {
            "GET /a%0d%0aX-Evil:%201 HTTP/1.1\r\n" + host + "\r\n",
            "GET /stats/sessions/a%0d%0aX-Evil:%201 HTTP/1.1\r\n" + host + "\r\n",
            "GET /mcp HTTP/1.1\r\n" + host + "Origin: http://a\nX-Evil: 1\r\n\r\n",
            "GET /mcp HTTP/1.1\r\n" + host + "Origin: http://a\rX-Evil: 1\r\n\r\n",
            "GET /mcp HTTP/1.1\r\n" + host + "Mcp-Session-Id: a\r\n X-Evil: 1\r\n\r\n",
            std::string("GET /mcp HTTP/1.1\r\n") + host + "Mcp-Session-Id: a" + '\0' + "b\r\n\r\n",
            "GET /mcp HTTP/1.1\r\n" + host + "Authorization: Basic " + std::string("YQ==") + "\x01\r\n\r\n",
            request("POST", "/mcp",
                    as("alice",
                       {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "resources/read"}, {"Mcp-Name", "a"}}),
                    modernBody("1", "resources/read", R"("uri":"a\r\nX-Evil: 1")")),
            request("POST", "/mcp", as("alice"),
                    legacyBody("\"a\\r\\nX-Evil: 1\"", "initialize",
                               R"("protocolVersion":"2025-11-25\r\nX-Evil: 1","capabilities":{},)"
                               R"("clientInfo":{"name":"t\r\nX-Evil: 1","version":"1"})"))};
        for (const std::string& attempt : attempts)
        {
            RawConnection client(server->port());
            client.send(attempt);
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT_MESSAGE(attempt, reply.status >= 200);
            CPPUNIT_ASSERT_MESSAGE(attempt, reply.headers.find("x-evil") == reply.headers.end());
        }
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void logLinesAreNotForged()
    {
        auto arguments = twoPeople();
        arguments.insert(arguments.end(), {"--ops.accessLog=text", "--log.level=debug"});
        const auto server = ServerProcess::serve(arguments);
        const std::string forged = "\\nFORGED \\u001b[31mred \\u009b31m";
        // Control characters do not get as far as a log; what comes through are quotes, and those of C1 in UTF-8.
        for (const char* value : {"a\x1b[31mFORGED", "\x7f", "a\bFORGED"})
            CPPUNIT_ASSERT_EQUAL(400, exchange(server->port(), "GET", "/health", {{"User-Agent", value}}).status);
        const Headers nasty{
            {"User-Agent", "a\"b\\c\xc2\x9b[31mFORGED"}, {"Referer", "x\" 200 5\ty"}, {"Mcp-Name", "\xc2\x85"}};
        for (const char* token : {"alice", "wrong-token"})
        {
            (void)exchange(server->port(), "POST", "/mcp", as(token, nasty),
                           legacyBody("1", "initialize",
                                      R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"n)" +
                                          forged + R"(","version":"1"})"));
            (void)exchange(server->port(), "POST", "/mcp?token=hidden-token", as(token, nasty),
                           "{\"method\":\"" + forged + "\"}");
            (void)exchange(server->port(), "GET", "/%0aFORGED?token=hidden-token", as(token, nasty));
        }
        Headers headers = as("alice", modernHeaders("tools/call", "none"));
        (void)exchange(server->port(), "POST", "/mcp", headers,
                       modernBody("1", "tools/call", R"("name":"none)" + forged + '"'));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
        const std::string log = server->output();
        CPPUNIT_ASSERT_MESSAGE(log, log.find("session opened") != std::string::npos);
        for (const char* trace : {"\nFORGED", "\x1b", "\xc2\x9b", "\xc2\x85", "hidden-token", "wrong-token"})
            CPPUNIT_ASSERT_MESSAGE(log, log.find(trace) == std::string::npos);
    }

    /// Coarse, as it must be over sockets: that the comparison itself takes constant time is read in the unit tests.
    /// Medians of interleaved requests; a comparison that ended early would not show either, a search by prefix would.
    void nearMissesTakeAsLongAsFarOnes()
    {
        const std::string secret(2000, 's');
        const auto server = ServerProcess::serve(
            {"--auth.type=bearer", "--limits.rate=0", "--auth.token.a.sha256=" + sha256Hex(secret)});
        std::string near = secret, far = secret;
        near.back() = 'x';
        far.front() = 'x';
        std::vector<std::int64_t> took[2];
        RawConnection client(server->port());
        for (int at = 0; at < 600; ++at)
        {
            Headers headers = modernHeaders("tools/list");
            headers["Authorization"] = "Bearer " + (at % 2 ? near : far);
            const std::string ask = request("POST", "/mcp", headers, modernBody("1", "tools/list"));
            const auto began = std::chrono::steady_clock::now();
            client.send(ask);
            CPPUNIT_ASSERT_EQUAL(401, client.receive().status);
            took[at % 2].push_back((std::chrono::steady_clock::now() - began).count());
        }
        for (auto& times : took)
            std::nth_element(times.begin(), times.begin() + 150, times.end());
        const double ratio = static_cast<double>(took[1][150]) / static_cast<double>(took[0][150]);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(ratio), ratio > 0.5 && ratio < 2);
        CPPUNIT_ASSERT_EQUAL(200, statusWith(*server, secret));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IntrusionTest);

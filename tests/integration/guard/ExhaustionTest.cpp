// The attacks by which somebody could use the server up: too much of everything, and guessing without end.
#include "Tokens.h"
#include "support/Mcp.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

using namespace tenon::tests;

class ExhaustionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExhaustionTest);
    CPPUNIT_TEST(whatIsTooLargeIsRefused);
    CPPUNIT_TEST(tenThousandFailedLogins);
    CPPUNIT_TEST_SUITE_END();

    static constexpr long SLACK = UNDER_SANITIZER ? 400'000 : 40'000;

    static std::string raw(const std::string& head, const std::string& body = {})
    {
        return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + head + "\r\n" + body;
    }

    static std::string sized(const std::string& body)
    {
        return raw("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
    }

    /// The status, or 0 if the server closed without one. What it does not want to read it need not.
    static int statusOf(const ServerProcess& server, const std::string& bytes)
    {
        RawConnection client(server.port());
        try
        {
            client.send(bytes);
        }
        catch (const Poco::Exception&)
        {
            // Closed while this was still sending: the answer may be there all the same.
        }
        try
        {
            return client.receive().status;
        }
        catch (const Poco::Exception&)
        {
            return 0;
        }
    }

public:
    void whatIsTooLargeIsRefused()
    {
        const auto server = ServerProcess::serve({"--limits.maxMessageBytes=1000000"}, ServerProcess::ONE_HEAP);
        assertServes(server->port());
        const std::string megabyte(1 << 20, 'a');
        std::string manyFields, batch = "[";
        for (int at = 0; at < 20000; ++at)
            manyFields += "X-" + std::to_string(at) + ": a\r\n";
        for (int at = 0; at < 10000; ++at)
            batch += (at ? "," : "") + legacyBody(std::to_string(at), "ping");
        batch += ']';
        const std::string chunked = "Transfer-Encoding: chunked\r\n";
        const std::vector<std::pair<std::string, std::string>> large = {
            {"request line", "GET /" + megabyte + " HTTP/1.1\r\nHost: localhost\r\n\r\n"},
            {"method", megabyte + " / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
            {"field", raw("X: " + megabyte + "\r\n")},
            {"field without an end", "GET / HTTP/1.1\r\nX: " + megabyte},
            {"many fields", raw(manyFields)},
            {"announced body", raw("Content-Length: 18446744073709551615\r\n", "{}")},
            {"body", sized(megabyte + megabyte)},
            {"chunk", raw(chunked, "ffffffffffffffff\r\n{}")},
            {"many chunks", raw(chunked, "100000\r\n" + megabyte + "\r\n100000\r\n" + megabyte + "\r\n0\r\n\r\n")},
            {"chunk extension", raw(chunked, "2;" + megabyte + "\r\n{}\r\n0\r\n\r\n")},
            {"depth", sized(std::string(400000, '[') + std::string(400000, ']'))},
            {"depth without an end", sized(std::string(900000, '{'))},
            {"batch", sized(batch)},
            {"number", sized("{\"jsonrpc\":\"2.0\",\"id\":1" + std::string(500000, '0') + ",\"method\":\"ping\"}")},
            {"id", sized(legacyBody('"' + std::string(900000, 'i') + '"', "ping"))},
            {"method name", sized(legacyBody("1", std::string(900000, 'm')))},
            {"session id", raw("Mcp-Session-Id: " + std::string(15000, 's') + "\r\nContent-Length: 2\r\n", "{}")},
            {"event id", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: a\r\n"
                         "Last-Event-ID: " +
                             std::string(15000, 'e') + "\r\n\r\n"},
            {"token", raw("Authorization: Bearer " + std::string(15000, 't') + "\r\nContent-Length: 2\r\n", "{}")},
            {"query",
             "GET /sse?" + std::string(7000, '&') + " HTTP/1.0\r\nHost: localhost\r\nAccept: nothing/here\r\n\r\n"},
            {"origin", raw("Origin: http://" + std::string(15000, 'o') + "\r\nContent-Length: 2\r\n", "{}")},
            {"host", "GET / HTTP/1.1\r\nHost: " + std::string(15000, 'h') + "\r\n\r\n"},
            {"forwarding", raw("X-Forwarded-For: " + std::string(15000, ',') + "\r\nContent-Length: 2\r\n", "{}")},
            {"accept", raw("Accept: " + std::string(15000, ',') + "\r\nContent-Length: 2\r\n", "{}")}};
        const auto sendAll = [&]
        {
            for (const auto& [what, bytes] : large)
            {
                if (what == "query")
                    continue; // is let in, as a stream that nobody ends
                const int status = statusOf(*server, bytes);
                CPPUNIT_ASSERT_MESSAGE(what + " got " + std::to_string(status), status == 0 || status == 200 ||
                                                                                    (status >= 400 && status < 500) ||
                                                                                    status == 501);
                CPPUNIT_ASSERT_EQUAL_MESSAGE("after " + what, 200, exchange(server->port(), "GET", "/health").status);
            }
        };
        // The allocator keeps for a while what the largest message needed, and some of it gives back by itself: the
        // least of five rounds is what they left behind for good.
        const auto leastOfFive = [&]
        {
            long least = std::numeric_limits<long>::max();
            for (int at = 0; at < 5; ++at)
            {
                sendAll();
                least = std::min(least, server->residentKb());
            }
            return least;
        };
        const long before = leastOfFive();
        for (int at = 0; at < 40; ++at)
            sendAll();
        const long grown = leastOfFive() - before;
        CPPUNIT_ASSERT_MESSAGE("grown by " + std::to_string(grown) + " kB", grown < SLACK);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void tenThousandFailedLogins()
    {
        const auto server =
            ServerProcess::serve({"--auth.type=bearer", "--auth.token.a.sha256=" + sha256Hex("right"),
                                  "--auth.token.o.sha256=" + sha256Hex("operator"), "--auth.token.o.type=master"},
                                 ServerProcess::ONE_HEAP);
        Headers headers = modernHeaders("tools/list");
        const auto ask = [&](const std::string& token)
        {
            headers["Authorization"] = "Bearer " + token;
            return request("POST", "/mcp", headers, modernBody("1", "tools/list"));
        };
        RawConnection client(server->port());
        client.send(ask("right"));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        client.send(ask("operator"));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);

        int wrong = 0, slowed = 0;
        long before = 0;
        for (int at = 0; at < 10000; ++at)
        {
            client.send(ask("guess-" + std::to_string(at)));
            const HttpReply reply = client.receive();
            if (reply.status == 401)
                ++wrong;
            else
            {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 429, reply.status);
                CPPUNIT_ASSERT(!reply.header("retry-after").empty());
                ++slowed;
            }
            if (at == 1000)
                before = server->residentKb();
        }
        const long grown = server->residentKb() - before;
        CPPUNIT_ASSERT_MESSAGE("grown by " + std::to_string(grown) + " kB", grown < SLACK);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(wrong) + " guesses were looked at", wrong >= 5 && wrong < 100);
        CPPUNIT_ASSERT_EQUAL(10000, wrong + slowed);

        client.send(ask("right"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("who is in stays in", 200, client.receive().status);
        const HttpReply metrics = exchange(server->port(), "GET", "/metrics", {{"Authorization", "Bearer operator"}});
        CPPUNIT_ASSERT_EQUAL(200, metrics.status);
        const std::string counted = "tenon_failed_logins_total " + std::to_string(wrong) + "\n";
        CPPUNIT_ASSERT_MESSAGE(metrics.body, metrics.body.find(counted) != std::string::npos);
        const std::string refused =
            "tenon_http_requests_refused_total{reason=\"too_many_failed_logins\"} " + std::to_string(slowed) + "\n";
        CPPUNIT_ASSERT_MESSAGE(metrics.body, metrics.body.find(refused) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExhaustionTest);

#include "support/Mcp.h"
#include "support/RawConnection.h"
#include "support/ServerProcess.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

/// Every row of bad input has its answer, and the server goes on serving others.
class BadRequestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BadRequestTest);
    CPPUNIT_TEST(malformedJsonIsAParseError);
    CPPUNIT_TEST(notARequestIsInvalid);
    CPPUNIT_TEST(bodyOverTheLimitIs413);
    CPPUNIT_TEST(chunkedBodyOverTheLimitIs413);
    CPPUNIT_TEST(contentTypeMustBeJson);
    CPPUNIT_TEST(unknownPathIs404);
    CPPUNIT_TEST(wrongMethodIs405WithAllow);
    CPPUNIT_TEST(headersOverTheLimitAre431);
    CPPUNIT_TEST(truncatedBodyEndsTheConnection);
    CPPUNIT_TEST(contradictoryLengthsAre400AndClose);
    CPPUNIT_TEST(slowSenderIs408);
    CPPUNIT_TEST(invalidUtf8IsAParseError);
    CPPUNIT_TEST(deepNestingIsAnswered);
    CPPUNIT_TEST(unknownSessionIs404);
    CPPUNIT_TEST(idsOfOtherTypesAreInvalid);
    CPPUNIT_TEST(acceptIsReadGenerously);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _server = ServerProcess::serve({"--limits.maxMessageBytes=20000"});
        _port = _server->port();
    }

    void tearDown() override
    {
        assertServes(_port);
        _server->stop();
        _server.reset();
    }

private:
    HttpReply post(std::string_view body) const { return exchange(_port, "POST", "/mcp", JSON, body); }

    void assertError(int status, int code, const HttpReply& reply) const
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, status, reply.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, code, errorCode(reply.body));
    }

    void malformedJsonIsAParseError()
    {
        for (const char* body : {"{", "nonsense", "{\"jsonrpc\":\"2.0\",}", "[", "\"\\x\"", "{} {}"})
            assertError(400, -32700, post(body));
    }

    void notARequestIsInvalid()
    {
        for (const char* body : {"{}", "7", "\"text\"", "null", "[]", R"({"jsonrpc":"1.0","id":1,"method":"ping"})",
                                 R"({"jsonrpc":"2.0","id":1,"method":7})", R"({"id":1,"method":"ping"})"})
            assertError(400, -32600, post(body));
    }

    void bodyOverTheLimitIs413()
    {
        const HttpReply reply = post(std::string(20001, ' '));
        CPPUNIT_ASSERT_EQUAL(413, reply.status);

        // Announced only: the answer does not wait for the body.
        RawConnection connection(_port);
        connection.send(
            request("POST", "/mcp", {{"Content-Type", "application/json"}, {"Content-Length", "999999999999"}}));
        CPPUNIT_ASSERT_EQUAL(413, connection.receive().status);
        CPPUNIT_ASSERT(connection.closedByServer());
    }

    void chunkedBodyOverTheLimitIs413()
    {
        RawConnection connection(_port);
        connection.send(
            request("POST", "/mcp", {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}}));
        const std::string chunk = "1000\r\n" + std::string(4096, ' ') + "\r\n";
        for (int i = 0; i < 6; ++i)
            connection.send(chunk);
        CPPUNIT_ASSERT_EQUAL(413, connection.receive().status);
    }

    void contentTypeMustBeJson()
    {
        const std::string body = modernBody("1", "tools/list");
        Headers headers = modernHeaders("tools/list");
        headers.erase("Content-Type");
        CPPUNIT_ASSERT_EQUAL(415, exchange(_port, "POST", "/mcp", headers, body).status);
        for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"})
        {
            headers["Content-Type"] = type;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(type, 415, exchange(_port, "POST", "/mcp", headers, body).status);
        }
        for (const char* type : {"application/json", "application/json; charset=utf-8", "Application/JSON"})
        {
            headers["Content-Type"] = type;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(type, 200, exchange(_port, "POST", "/mcp", headers, body).status);
        }
    }

    void unknownPathIs404()
    {
        for (const char* path : {"/mcp/x", "/nothing", "/healthy", "/%2e%2e/etc/passwd"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 404, exchange(_port, "GET", path).status);
        CPPUNIT_ASSERT_EQUAL(404, exchange(_port, "POST", "/nothing", JSON, "{}").status);
    }

    void wrongMethodIs405WithAllow()
    {
        const HttpReply reply = exchange(_port, "PUT", "/mcp", JSON, "{}");
        CPPUNIT_ASSERT_EQUAL(405, reply.status);
        for (const char* method : {"GET", "POST", "DELETE"})
            CPPUNIT_ASSERT(reply.header("allow").find(method) != std::string::npos);
        const HttpReply health = exchange(_port, "POST", "/health", JSON, "{}");
        CPPUNIT_ASSERT_EQUAL(405, health.status);
        CPPUNIT_ASSERT(health.header("allow").find("GET") != std::string::npos);
    }

    void headersOverTheLimitAre431()
    {
        CPPUNIT_ASSERT_EQUAL(431, exchange(_port, "GET", "/health", {{"X-Long", std::string(200000, 'x')}}).status);
        Headers many;
        for (int i = 0; i < 5000; ++i)
            many["X-" + std::to_string(i)] = "y";
        CPPUNIT_ASSERT_EQUAL(431, exchange(_port, "GET", "/health", many).status);
    }

    void truncatedBodyEndsTheConnection()
    {
        RawConnection connection(_port);
        connection.send(request("POST", "/mcp", {{"Content-Type", "application/json"}, {"Content-Length", "100"}}));
        connection.send("{\"jsonrpc\":");
        connection.shutdownSend();
        const HttpReply reply = connection.receive();
        CPPUNIT_ASSERT(reply.status == 0 || reply.status == 400);
        CPPUNIT_ASSERT(connection.closedByServer());
    }

    void contradictoryLengthsAre400AndClose()
    {
        const std::string begin = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
        for (const char* rest : {"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length: 2, 3\r\n\r\n{}",
                                 "Content-Length: +2\r\n\r\n{}", "Content-Length: -1\r\n\r\n{}",
                                 "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
        {
            RawConnection connection(_port);
            connection.send(begin + rest);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(rest, 400, connection.receive().status);
            CPPUNIT_ASSERT_MESSAGE(rest, connection.closedByServer());
        }

        // Neither length nor chunks: where the body would end nobody knows.
        RawConnection connection(_port);
        connection.send(begin + "Transfer-Encoding: gzip\r\n\r\n{}");
        CPPUNIT_ASSERT_EQUAL(501, connection.receive().status);
        CPPUNIT_ASSERT(connection.closedByServer());
    }

    void slowSenderIs408()
    {
        const auto server = ServerProcess::serve({"--timeouts.headMs=300", "--timeouts.bodyMs=300"});
        RawConnection head(server->port());
        head.send("POST /mcp HTTP/1.1\r\nHost: 127.");
        RawConnection body(server->port());
        body.send(request("POST", "/mcp", {{"Content-Type", "application/json"}, {"Content-Length", "100"}}) + "{");
        CPPUNIT_ASSERT_EQUAL(408, head.receive().status);
        CPPUNIT_ASSERT(head.closedByServer());
        CPPUNIT_ASSERT_EQUAL(408, body.receive().status);
        CPPUNIT_ASSERT(body.closedByServer());
        assertServes(server->port());
        server->stop();
    }

    void invalidUtf8IsAParseError()
    {
        for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf"})
            assertError(400, -32700,
                        post(std::string(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":")") + bad + "\"}}"));
    }

    void deepNestingIsAnswered()
    {
        const std::string open(1000, '['), close(1000, ']');
        const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":)" + open + close + "}}";
        const HttpReply reply = post(body);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 400, reply.status);
        CPPUNIT_ASSERT_MESSAGE(reply.body, errorCode(reply.body) != 0);
        // Never closed: no depth of input may exhaust a stack.
        assertError(400, -32700, post(std::string(19000, '[')));
    }

    void unknownSessionIs404()
    {
        Headers headers = JSON;
        headers["Mcp-Session-Id"] = "00000000000000000000000000000000";
        headers["MCP-Protocol-Version"] = "2025-11-25";
        CPPUNIT_ASSERT_EQUAL(404, exchange(_port, "POST", "/mcp", headers, legacyBody("1", "ping")).status);
        headers["Accept"] = "text/event-stream";
        CPPUNIT_ASSERT_EQUAL(404, exchange(_port, "GET", "/mcp", headers).status);
        CPPUNIT_ASSERT_EQUAL(404, exchange(_port, "DELETE", "/mcp", headers).status);
    }

    void idsOfOtherTypesAreInvalid()
    {
        for (const char* id : {"null", "1.5", "{}", "[1]", "true"})
        {
            assertError(400, -32600,
                        exchange(_port, "POST", "/mcp", modernHeaders("tools/list"), modernBody(id, "tools/list")));
            const LegacySession session(_port);
            assertError(400, -32600, session.post(legacyBody(id, "ping")));
        }
    }

    void acceptIsReadGenerously()
    {
        Headers headers = modernHeaders("tools/list");
        for (const char* accept : {"*/*", "application/json", "application/*", "application/json;q=0.5, text/html", ""})
        {
            headers.erase("Accept");
            if (*accept)
                headers["Accept"] = accept;
            const HttpReply reply = exchange(_port, "POST", "/mcp", headers, modernBody("1", "tools/list"));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(accept, 200, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(accept, std::string("application/json"),
                                         reply.header("content-type").substr(0, 16));
        }
    }

    const Headers JSON{{"Content-Type", "application/json"}};
    std::unique_ptr<ServerProcess> _server;
    std::uint16_t _port = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(BadRequestTest);

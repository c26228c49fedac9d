// A line for each request says who asked for what, in every era and on every transport.
#include "support/Mcp.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace tenon::tests;

class AccessLogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AccessLogTest);
    CPPUNIT_TEST(namesMethodToolAndSession);
    CPPUNIT_TEST(saysWhatFailed);
    CPPUNIT_TEST(streamsLeaveTheirLines);
    CPPUNIT_TEST_SUITE_END();

    /// Whether one line of the log has all of these.
    static bool hasLine(const std::string& log, const std::vector<std::string>& parts)
    {
        std::istringstream lines(log);
        for (std::string line; std::getline(lines, line);)
            if (std::all_of(parts.begin(), parts.end(),
                            [&](const std::string& part) { return line.find(part) != std::string::npos; }))
                return true;
        return false;
    }

public:
    void namesMethodToolAndSession()
    {
        const auto server = ServerProcess::serve({"--ops.accessLog=text"});
        const std::string call = R"("name":"clock_now","arguments":{})";
        const LegacySession session(server->port());
        CPPUNIT_ASSERT_EQUAL(200, session.request("tools/call", call).status);
        CPPUNIT_ASSERT_EQUAL(200, modernRequest(server->port(), "tools/call", call, "clock_now").status);
        RawConnection stream(server->port());
        stream.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
        (void)stream.receiveHead();
        const std::string path = stream.receiveEvent();
        const std::string id = path.substr(path.find('=') + 1);
        for (const auto& body :
             {legacyBody("1", "initialize",
                         R"("protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"t","version":"1"})"),
              legacyBody("2", "tools/call", call)})
        {
            CPPUNIT_ASSERT_EQUAL(
                202, exchange(server->port(), "POST", path, {{"Content-Type", "application/json"}}, body).status);
            (void)stream.receiveEvent();
        }
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
        const std::string log = server->output();
        const std::string tool = "rpc=tools/call tool=clock_now";
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {"session=" + session.id(), "rpc=initialize", "status=200"}));
        CPPUNIT_ASSERT_MESSAGE(log,
                               hasLine(log, {"session=" + session.id(), tool, "principal=anonymous", "duration_us="}));
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {"target=/mcp", tool, "client=127.0.0.1"}));
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {"session=" + id, tool, "status=202"}));
    }

    void saysWhatFailed()
    {
        const auto server = ServerProcess::serve({"--ops.accessLog=json"});
        const auto call = [&](const std::string& tool, const std::string& arguments)
        {
            const std::string params = R"("name":")" + tool + R"(","arguments":)" + arguments;
            CPPUNIT_ASSERT(modernRequest(server->port(), "tools/call", params, tool).status != 0);
        };
        call("clock_now", "{}");
        call("clock_convert", R"({"time":"nonsense","to":"UTC"})"); // a result with isError
        call("none", "{}");                                         // a JSON-RPC error
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
        const std::string log = server->output();
        const auto said = [&](const std::string& tool, const std::string& isError)
        {
            CPPUNIT_ASSERT_MESSAGE(log,
                                   hasLine(log, {R"("source":"access","message":"request")", R"("tool":")" + tool + '"',
                                                 R"("isError":)" + isError, R"("thread":)"}));
        };
        said("clock_now", "false");
        said("clock_convert", "true");
        said("none", "true");
    }

    void streamsLeaveTheirLines()
    {
        const auto server = ServerProcess::serve({"--log.format=json", "--sse.profiles=standard,backlog"});
        std::string id;
        {
            RawConnection stream(server->port());
            stream.send(request("GET", "/sse?token=secret", {{"Accept", "text/event-stream"}}));
            (void)stream.receiveHead();
            const std::string path = stream.receiveEvent();
            id = path.substr(path.find('=') + 1);
            CPPUNIT_ASSERT_EQUAL(202, exchange(server->port(), "POST", path, {{"Content-Type", "application/json"}},
                                               legacyBody("1", "ping"))
                                          .status);
            (void)stream.receiveEvent();
        }
        server->waitForOutput("stream closed");
        RawConnection listening(server->port());
        listening.send(
            request("POST", "/mcp", modernHeaders("subscriptions/listen"),
                    modernBody("7", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})")));
        (void)listening.receiveHead();
        CPPUNIT_ASSERT(!listening.receiveEvent().empty());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
        const std::string log = server->output();
        const std::string opened = R"("source":"net","message":"stream opened")",
                          closed = R"("source":"net","message":"stream closed")";
        const std::string who = R"("session":")" + id + R"(","client":"127.0.0.1","principal":"anonymous")";
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {opened, who, R"("target":"/sse?token=***")", R"("thread":)"}));
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {closed, who, R"("why":"client")", R"("duration_ms":)",
                                                  R"("events":2)"})); // the address for messages, and the answer
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {opened, R"("target":"/mcp")"}));
        CPPUNIT_ASSERT_MESSAGE(log, hasLine(log, {closed, R"("target":"/mcp")", R"("why":"server")"}));
        CPPUNIT_ASSERT_MESSAGE(log, log.find("secret") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessLogTest);

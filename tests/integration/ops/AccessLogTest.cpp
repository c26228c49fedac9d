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
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessLogTest);

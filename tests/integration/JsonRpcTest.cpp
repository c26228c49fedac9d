#include "support/Mcp.h"
#include "support/RawConnection.h"
#include "support/ServerProcess.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <set>

using namespace tenon::tests;

/// JSON-RPC as a client sees it: ids, notifications, responses, batches, error codes, pipelining.
class JsonRpcTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonRpcTest);
    CPPUNIT_TEST(idsComeBackAsTheyWere);
    CPPUNIT_TEST(notificationsAndResponsesAre202);
    CPPUNIT_TEST(standardErrorCodes);
    CPPUNIT_TEST(batchesWhereTheRevisionHasThem);
    CPPUNIT_TEST(batchesNowhereElse);
    CPPUNIT_TEST(pipelinedRequestsAreAnsweredInOrder);
    CPPUNIT_TEST(everyRevisionIsServed);
    CPPUNIT_TEST(deletedSessionIsGone);
    CPPUNIT_TEST(sseTransportAnswersOnTheStream);
    CPPUNIT_TEST(progressComesBeforeTheAnswer);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _server = ServerProcess::serve();
        _port = _server->port();
    }

    void tearDown() override
    {
        _server->stop();
        _server.reset();
    }

private:
    void idsComeBackAsTheyWere()
    {
        const LegacySession session(_port);
        for (const char* id : {"0", "-7", "9007199254740993", "9223372036854775807", "\"\"", "\"7\"",
                               "\"gr\xc3\xbc\xc3\x9f\"", "\"a\\\"b\\\\c\\n\"", "\"\\u0000\""})
        {
            const std::string wanted = std::string("\"id\":") + id;
            const std::string legacy = session.post(legacyBody(id, "ping")).body;
            CPPUNIT_ASSERT_MESSAGE(legacy + " lacks " + wanted, legacy.find(wanted) != std::string::npos);
            const HttpReply modern =
                exchange(_port, "POST", "/mcp", modernHeaders("tools/list"), modernBody(id, "tools/list"));
            CPPUNIT_ASSERT_MESSAGE(modern.body + " lacks " + wanted, modern.body.find(wanted) != std::string::npos);
        }
    }

    void notificationsAndResponsesAre202()
    {
        const LegacySession session(_port);
        for (const char* body : {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                                 R"({"jsonrpc":"2.0","method":"notifications/unknown","params":{}})",
                                 R"({"jsonrpc":"2.0","id":77,"result":{}})",
                                 R"({"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"no"}})"})
        {
            const HttpReply reply = session.post(body);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, 202, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string(), reply.body);
        }
    }

    void standardErrorCodes()
    {
        const LegacySession session(_port);
        CPPUNIT_ASSERT_EQUAL(-32601, errorCode(session.request("no/such").body));
        CPPUNIT_ASSERT_EQUAL(-32602, errorCode(session.request("tools/call", R"("name":"none")").body));
        CPPUNIT_ASSERT_EQUAL(-32602, errorCode(session.request("tools/call", R"("name":7)").body));
        CPPUNIT_ASSERT_EQUAL(-32002, errorCode(session.request("resources/read", R"("uri":"none://x")").body));

        const HttpReply unknown = modernRequest(_port, "no/such");
        CPPUNIT_ASSERT_EQUAL(404, unknown.status);
        CPPUNIT_ASSERT_EQUAL(-32601, errorCode(unknown.body));
        const HttpReply missing = modernRequest(_port, "resources/read", R"("uri":"none://x")", "none://x");
        CPPUNIT_ASSERT_EQUAL(-32602, errorCode(missing.body));
    }

    void batchesWhereTheRevisionHasThem()
    {
        const LegacySession session(_port, "2025-03-26");
        RawConnection connection(_port);
        connection.send(request("POST", "/mcp", session.headers(),
                                "[" + legacyBody("1", "ping") + "," + legacyBody("", "notifications/x") + "," +
                                    legacyBody("\"two\"", "tools/list") + ",7]"));
        HttpReply reply = connection.receiveHead();
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        std::multiset<std::string> ids;
        const auto add = [&ids](const Poco::Dynamic::Var& value)
        {
            const auto object = value.extract<Poco::JSON::Object::Ptr>();
            ids.insert(object->has("id") && !object->isNull("id") ? object->get("id").toString() : "none");
        };
        const auto addAll = [&add](const std::string& text)
        {
            const auto value = Poco::JSON::Parser().parse(text);
            if (value.type() != typeid(Poco::JSON::Array::Ptr))
                return add(value);
            for (const auto& one : *value.extract<Poco::JSON::Array::Ptr>())
                add(one);
        };
        if (reply.header("content-type").rfind("text/event-stream", 0) == 0)
        {
            for (std::string event = connection.receiveEvent(); !event.empty(); event = connection.receiveEvent())
                addAll(event);
        }
        else
        {
            connection.receiveBody(reply);
            addAll(reply.body);
        }
        CPPUNIT_ASSERT(ids == (std::multiset<std::string>{"1", "none", "two"}));

        const HttpReply nothing = session.post("[" + legacyBody("", "notifications/x") + "]");
        CPPUNIT_ASSERT_EQUAL(202, nothing.status);
    }

    void batchesNowhereElse()
    {
        for (const char* revision : {"2025-06-18", "2025-11-25"})
        {
            const LegacySession session(_port, revision);
            const HttpReply reply = session.post("[" + legacyBody("1", "ping") + "]");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(revision, 400, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(revision, -32600, errorCode(reply.body));
        }
        const HttpReply modern =
            exchange(_port, "POST", "/mcp", modernHeaders("tools/list"), "[" + modernBody("1", "tools/list") + "]");
        CPPUNIT_ASSERT_EQUAL(400, modern.status);
        CPPUNIT_ASSERT_EQUAL(-32600, errorCode(modern.body));
    }

    void pipelinedRequestsAreAnsweredInOrder()
    {
        std::string all;
        for (int i = 0; i < 50; ++i)
            all += request("POST", "/mcp", modernHeaders("server/discover"),
                           modernBody(std::to_string(i), "server/discover"));
        RawConnection connection(_port);
        connection.send(all);
        for (int i = 0; i < 50; ++i)
            CPPUNIT_ASSERT_EQUAL(i, parseObject(connection.receive().body)->getValue<int>("id"));
    }

    void everyRevisionIsServed()
    {
        for (const char* revision : {"2025-03-26", "2025-06-18", "2025-11-25"})
        {
            const LegacySession session(_port, revision);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(revision, 0, errorCode(session.request("tools/list").body));
        }
        const HttpReply discovered = modernRequest(_port, "server/discover");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(discovered.body, 200, discovered.status);
        const auto versions = parseObject(discovered.body)->getObject("result")->getArray("supportedVersions");
        bool modern = false;
        for (const auto& version : *versions)
            modern = modern || version.toString() == "2026-07-28";
        CPPUNIT_ASSERT_MESSAGE(discovered.body, modern);
    }

    void deletedSessionIsGone()
    {
        const LegacySession session(_port);
        const HttpReply ended = exchange(_port, "DELETE", "/mcp", session.headers());
        CPPUNIT_ASSERT(ended.status >= 200 && ended.status < 300);
        CPPUNIT_ASSERT_EQUAL(404, session.request("ping").status);
    }

    void sseTransportAnswersOnTheStream()
    {
        RawConnection stream(_port);
        stream.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
        const HttpReply head = stream.receiveHead();
        CPPUNIT_ASSERT_EQUAL(200, head.status);
        const std::string endpoint = stream.receiveEvent();
        CPPUNIT_ASSERT_MESSAGE(endpoint, endpoint.rfind("/messages?", 0) == 0);

        const Headers json{{"Content-Type", "application/json"}};
        const HttpReply accepted = exchange(
            _port, "POST", endpoint, json,
            legacyBody("\"a\"", "initialize",
                       R"("protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        CPPUNIT_ASSERT_EQUAL(202, accepted.status);
        const auto initialized = parseObject(stream.receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), initialized->getValue<std::string>("id"));
        CPPUNIT_ASSERT_EQUAL(std::string("2024-11-05"),
                             initialized->getObject("result")->getValue<std::string>("protocolVersion"));
        CPPUNIT_ASSERT_EQUAL(
            202, exchange(_port, "POST", endpoint, json, legacyBody("", "notifications/initialized")).status);
        CPPUNIT_ASSERT_EQUAL(202, exchange(_port, "POST", endpoint, json, legacyBody("2", "tools/list")).status);
        const auto tools = parseObject(stream.receiveEvent())->getObject("result")->getArray("tools");
        CPPUNIT_ASSERT(tools->size() > 0);
    }

    void progressComesBeforeTheAnswer()
    {
        const std::string arguments = R"("name":"sysinfo_sample","arguments":{"seconds":0.2,"samples":4},)";
        std::string body = modernBody("7", "tools/call", arguments.substr(0, arguments.size() - 1));
        const std::string meta = R"("_meta":{)";
        body.insert(body.find(meta) + meta.size(), R"("progressToken":"p",)");
        const LegacySession session(_port);
        const std::string legacy = legacyBody("7", "tools/call", arguments + R"("_meta":{"progressToken":"p"})");
        for (const auto& [headers, text] :
             {std::pair(modernHeaders("tools/call", "sysinfo_sample"), body), std::pair(session.headers(), legacy)})
        {
            RawConnection connection(_port);
            connection.send(request("POST", "/mcp", headers, text));
            CPPUNIT_ASSERT_EQUAL(200, connection.receiveHead().status);
            int progress = 0;
            for (std::string event = connection.receiveEvent();; event = connection.receiveEvent())
            {
                CPPUNIT_ASSERT(!event.empty());
                if (parseObject(event)->has("id"))
                    break;
                ++progress;
            }
            CPPUNIT_ASSERT_EQUAL(4, progress);
            CPPUNIT_ASSERT_EQUAL_MESSAGE("something follows the answer", std::string(), connection.receiveEvent());
        }
    }

    std::unique_ptr<ServerProcess> _server;
    std::uint16_t _port = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonRpcTest);

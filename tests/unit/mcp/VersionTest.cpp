// The order of the checks between a message's arrival and its method, for both eras.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;

namespace
{
const std::string VERSION = "io.modelcontextprotocol/protocolVersion";
const std::string CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

std::string request(const std::string& method, const std::string& params)
{
    return R"({"jsonrpc":"2.0","id":"x","method":")" + method + "\",\"params\":" + params + '}';
}

std::string meta(const std::string& version)
{
    return "{\"_meta\":{\"" + VERSION + "\":\"" + version + "\",\"" + CAPABILITIES + "\":{}}}";
}
} // namespace

class VersionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(VersionTest);
    CPPUNIT_TEST(whatIsNoJsonIsAParseError);
    CPPUNIT_TEST(whatIsNotTakenIsAnsweredUnderItsId);
    CPPUNIT_TEST(notificationsAreNeverAnswered);
    CPPUNIT_TEST(whatIsNoMessageIsAnInvalidRequest);
    CPPUNIT_TEST(modernRequestsNeedTheirMeta);
    CPPUNIT_TEST(clientInfoIsNotRequired);
    CPPUNIT_TEST(headerAndMetaMustAgree);
    CPPUNIT_TEST(anUnknownVersionIsToldTheKnownOnes);
    CPPUNIT_TEST(legacyRevisionsAreNotSpokenInMeta);
    CPPUNIT_TEST(mcpMethodIsCheckedBeforeTheMethod);
    CPPUNIT_TEST(removedMethodsAreUnknown);
    CPPUNIT_TEST(methodsOfOtherRevisionsAreUnknown);
    CPPUNIT_TEST(mcpNameIsCheckedWhereItBelongs);
    CPPUNIT_TEST(tasksNeedTheExtension);
    CPPUNIT_TEST(legacyRequestsNeedASession);
    CPPUNIT_TEST(badVersionHeadersAreRefused);
    CPPUNIT_TEST(initializeAnswersWithAKnownRevision);
    CPPUNIT_TEST(initializeHappensOnce);
    CPPUNIT_TEST(aSecondInitializeAtTheSameTimeLoses);
    CPPUNIT_TEST(onlyPingComesBeforeInitialize);
    CPPUNIT_TEST(notificationsOfModernClientsAreAccepted);
    CPPUNIT_TEST(responsesOfModernClientsAreRefused);
    CPPUNIT_TEST(discoverTellsWhatThereIs);
    CPPUNIT_TEST(whatWouldBlockIsHandedBack);
    CPPUNIT_TEST(whatIsLikelyToBeLargeIsHandedBack);
    CPPUNIT_TEST(whatIsHandedBackIsCountedOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsNoJsonIsAParseError()
    {
        const auto sink = server.send("{", {});
        CPPUNIT_ASSERT(sink->error() == ErrorKind::PARSE);
        CPPUNIT_ASSERT_EQUAL(std::string("-32700"), at(sink->answer(), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(sink->answer(), "/id"));
    }

    /// A client waits for the answer to its id until its timeout.
    void whatIsNotTakenIsAnsweredUnderItsId()
    {
        const std::string deep = std::string(1100, '[') + std::string(1100, ']');
        const auto answer =
            server.send(R"({"jsonrpc":"2.0","method":"ping","params":{"a":)" + deep + R"(},"id":"seven"})", {})
                ->answer();
        CPPUNIT_ASSERT_EQUAL(std::string("\"seven\""), at(answer, "/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32600"), at(answer, "/error/code"));
        const auto response = server.send(R"({"jsonrpc":"2.0","id":5,"result":{}})", {})->answer();
        CPPUNIT_ASSERT(!at(response, "/error/code").empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), at(response, "/id"));
    }

    void notificationsAreNeverAnswered()
    {
        const auto session = server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody,
                                                                      std::make_shared<RecordingSink>());
        const std::string deep = std::string(1100, '[') + std::string(1100, ']');
        for (const std::string text :
             {R"({"jsonrpc":"2.0","method":"notifications/x","params":[]})",
              R"({"jsonrpc":"1","method":"notifications/x"})", R"({"jsonrpc":"2.0","method":""})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string(), server.sendOn(session, text)->answer());
        CPPUNIT_ASSERT_EQUAL(
            std::string(),
            server.sendOn(session, R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":)" + deep + "}}")
                ->answer());
    }

    void whatIsNoMessageIsAnInvalidRequest()
    {
        for (const char* text : {"5", "{}", R"({"jsonrpc":"2.0","id":null,"method":"ping"})", "[]"})
        {
            const auto sink = server.send(text, {});
            CPPUNIT_ASSERT(sink->error() == ErrorKind::INVALID_REQUEST);
            CPPUNIT_ASSERT_EQUAL(std::string(), at(sink->answer(), "/id"));
        }
    }

    void modernRequestsNeedTheirMeta()
    {
        const auto headers = TestServer::modernHeaders("server/discover", {});
        for (const std::string& params :
             {std::string("{}"), std::string(R"({"_meta":5})"), "{\"_meta\":{\"" + CAPABILITIES + "\":{}}}",
              "{\"_meta\":{\"" + VERSION + "\":5,\"" + CAPABILITIES + "\":{}}}",
              "{\"_meta\":{\"" + VERSION + "\":\"2026-07-28\"}}",
              "{\"_meta\":{\"" + VERSION + "\":\"2026-07-28\",\"" + CAPABILITIES + "\":[]}}"})
        {
            const auto sink = server.send(request("server/discover", params), headers);
            CPPUNIT_ASSERT_MESSAGE(params, sink->error() == ErrorKind::MISSING_META);
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(sink->answer(), "/error/code"));
            CPPUNIT_ASSERT_EQUAL(std::string("\"x\""), at(sink->answer(), "/id"));
            CPPUNIT_ASSERT(sink->modern());
        }
    }

    void clientInfoIsNotRequired()
    {
        const auto sink = server.send(request("server/discover", meta("2026-07-28")),
                                      TestServer::modernHeaders("server/discover", {}));
        CPPUNIT_ASSERT(sink->error() == ErrorKind::NONE);
    }

    void headerAndMetaMustAgree()
    {
        const auto mismatch = [&](const std::string& version, const Headers& headers)
        {
            const auto sink = server.send(request("server/discover", meta(version)), headers);
            CPPUNIT_ASSERT(sink->error() == ErrorKind::HEADER_MISMATCH);
            CPPUNIT_ASSERT_EQUAL(std::string("-32020"), at(sink->answer(), "/error/code"));
        };
        auto headers = TestServer::modernHeaders("server/discover", {});
        mismatch("v999.0.0", headers);
        mismatch("2026-07-28", headers.remove("mcp-protocol-version"));
        mismatch("2026-07-28", headers.set("mcp-protocol-version", "2025-11-25"));
        mismatch("2025-11-25", headers.set("mcp-protocol-version", "2026-07-28"));
    }

    void anUnknownVersionIsToldTheKnownOnes()
    {
        const auto sink =
            server.send(request("server/discover", meta("v999.0.0")),
                        TestServer::modernHeaders("server/discover", {}).set("MCP-Protocol-Version", "v999.0.0"));
        CPPUNIT_ASSERT(sink->error() == ErrorKind::UNSUPPORTED_VERSION);
        CPPUNIT_ASSERT_EQUAL(std::string("-32022"), at(sink->answer(), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"v999.0.0\""), at(sink->answer(), "/error/data/requested"));
        CPPUNIT_ASSERT_EQUAL(at(server.modernAnswer("server/discover"), "/result/supportedVersions"),
                             at(sink->answer(), "/error/data/supported"));
    }

    void legacyRevisionsAreNotSpokenInMeta()
    {
        const auto sink =
            server.send(request("tools/list", meta("2025-11-25")),
                        TestServer::modernHeaders("tools/list", {}).set("MCP-Protocol-Version", "2025-11-25"));
        CPPUNIT_ASSERT(sink->error() == ErrorKind::UNSUPPORTED_VERSION);
    }

    void mcpMethodIsCheckedBeforeTheMethod()
    {
        const auto kindWith = [&](Headers headers)
        { return server.send(request("no/such", meta("2026-07-28")), headers)->error(); };
        CPPUNIT_ASSERT(kindWith(TestServer::modernHeaders("no/such", {})) == ErrorKind::METHOD_NOT_FOUND);
        CPPUNIT_ASSERT(kindWith(TestServer::modernHeaders("No/Such", {})) == ErrorKind::HEADER_MISMATCH);
        CPPUNIT_ASSERT(kindWith(TestServer::modernHeaders("tasks/get", {})) == ErrorKind::HEADER_MISMATCH);
        CPPUNIT_ASSERT(kindWith(TestServer::modernHeaders("no/such", {}).remove("mcp-method")) ==
                       ErrorKind::HEADER_MISMATCH);
    }

    void removedMethodsAreUnknown()
    {
        for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                                   "resources/unsubscribe", "tasks/result", "tasks/list", "unknown/method"})
        {
            const auto sink = server.modern(method);
            CPPUNIT_ASSERT_MESSAGE(method, sink->error() == ErrorKind::METHOD_NOT_FOUND);
            CPPUNIT_ASSERT(sink->modern());
            CPPUNIT_ASSERT_EQUAL(std::string("-32601"), at(sink->answer(), "/error/code"));
        }
    }

    void methodsOfOtherRevisionsAreUnknown()
    {
        for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
        {
            LegacyClient client(server, version, "{}", principalOf("somebody"));
            for (const char* method : {"server/discover", "subscriptions/listen", "skills/list", "tasks/update"})
                CPPUNIT_ASSERT_EQUAL(std::string("-32601"), at(client.answer(method), "/error/code"));
            const bool tasks = std::string(version) == "2025-11-25";
            CPPUNIT_ASSERT_EQUAL(std::string(tasks ? "" : "-32601"), at(client.answer("tasks/list"), "/error/code"));
        }
    }

    void mcpNameIsCheckedWhereItBelongs()
    {
        server.simpleTool("greet", saying("hi"));
        server.publish();
        const auto kindWith = [&](const std::string& name)
        {
            auto headers = TestServer::modernHeaders("tools/call", name);
            return server.send(TestServer::modernBody("tools/call", R"("name":"greet")", {}), headers)->error();
        };
        CPPUNIT_ASSERT(kindWith("greet") == ErrorKind::NONE);
        CPPUNIT_ASSERT(kindWith("=?base64?Z3JlZXQ=?=") == ErrorKind::NONE);
        CPPUNIT_ASSERT(kindWith("Greet") == ErrorKind::HEADER_MISMATCH);
        CPPUNIT_ASSERT(kindWith("") == ErrorKind::HEADER_MISMATCH);
        CPPUNIT_ASSERT(kindWith("=?base64?Z3JlZXQ?=") == ErrorKind::HEADER_MISMATCH);
        // Elsewhere the header says nothing.
        CPPUNIT_ASSERT(
            server.send(TestServer::modernBody("tools/list", {}, {}), TestServer::modernHeaders("tools/list", "x"))
                ->error() == ErrorKind::NONE);
    }

    void tasksNeedTheExtension()
    {
        const auto sink = server.modern("tasks/get", R"("taskId":"none")");
        CPPUNIT_ASSERT(sink->error() == ErrorKind::MISSING_CAPABILITY);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"),
                             at(sink->answer(), "/error/data/requiredCapabilities"));
        TestServer::Modern how;
        how.capabilities = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(server.modernAnswer("tasks/get", R"("taskId":"none")", how), "/error/code"));
    }

    void legacyRequestsNeedASession()
    {
        CPPUNIT_ASSERT(server.send(request("tools/list", "{}"), {})->error() == ErrorKind::SESSION_REQUIRED);
        CPPUNIT_ASSERT(server.send(request("tools/list", "{}"), {{"Mcp-Session-Id", "none"}})->error() ==
                       ErrorKind::SESSION_NOT_FOUND);
    }

    void badVersionHeadersAreRefused()
    {
        LegacyClient client(server);
        auto headers = client.headers();
        CPPUNIT_ASSERT(server
                           .send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                                 headers.set("MCP-Protocol-Version", "1999-01-01"))
                           ->error() == ErrorKind::BAD_VERSION_HEADER);
        // A request is told in the modern way which revisions there are.
        CPPUNIT_ASSERT(server.send(request("tools/list", "{}"), headers)->error() == ErrorKind::MISSING_META);
    }

    void initializeAnswersWithAKnownRevision()
    {
        for (const auto& [asked, given] : std::map<std::string, std::string>{{"2024-11-05", "2024-11-05"},
                                                                             {"2025-03-26", "2025-03-26"},
                                                                             {"2025-06-18", "2025-06-18"},
                                                                             {"2025-11-25", "2025-11-25"},
                                                                             {"2026-07-28", "2025-11-25"},
                                                                             {"1999-01-01", "2025-11-25"}})
        {
            LegacyClient client(server, asked);
            CPPUNIT_ASSERT_EQUAL('"' + given + '"', at(client.initialized(), "/result/protocolVersion"));
            CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""), at(client.initialized(), "/result/serverInfo/name"));
            const bool titled = given >= "2025-06-18";
            CPPUNIT_ASSERT_EQUAL(std::string(titled ? "\"Tenon\"" : ""),
                                 at(client.initialized(), "/result/serverInfo/title"));
            CPPUNIT_ASSERT_EQUAL(std::string(), at(client.initialized(), "/result/resultType"));
            CPPUNIT_ASSERT_EQUAL(std::string(given == "2025-11-25" ? "{}" : ""),
                                 at(client.initialized(), "/result/capabilities/tasks/cancel"));
        }
    }

    void initializeHappensOnce()
    {
        const auto stream = std::make_shared<RecordingSink>();
        const auto session =
            server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody, stream);
        const auto kind = [&] { return server.sendOn(session, initialize("2025-06-18"))->error(); };
        CPPUNIT_ASSERT(kind() == ErrorKind::NONE);
        CPPUNIT_ASSERT(kind() == ErrorKind::INVALID_REQUEST);
        CPPUNIT_ASSERT(session->version() == tenon::mcp::ProtocolVersion::V2025_06_18);
    }

    void aSecondInitializeAtTheSameTimeLoses()
    {
        for (int round = 0; round < 50; ++round)
        {
            const auto session = server.dispatcher->openConnectionSession(
                tenon::mcp::Transport::HTTP_SSE, server.anybody, std::make_shared<RecordingSink>());
            std::atomic<int> won{0};
            std::vector<std::thread> threads;
            for (const char* version : {"2024-11-05", "2025-11-25"})
                threads.emplace_back(
                    [&, version]
                    {
                        if (server.sendOn(session, initialize(version))->error() == ErrorKind::NONE)
                            ++won;
                    });
            for (auto& thread : threads)
                thread.join();
            CPPUNIT_ASSERT_EQUAL(1, won.load());
            server.dispatcher->endConnectionSession(session);
        }
    }

    void onlyPingComesBeforeInitialize()
    {
        const auto session = server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody,
                                                                      std::make_shared<RecordingSink>());
        CPPUNIT_ASSERT(server.sendOn(session, request("ping", "{}"))->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT(server.sendOn(session, request("tools/list", "{}"))->error() == ErrorKind::INVALID_REQUEST);
        // The same connection serves modern requests, without headers.
        CPPUNIT_ASSERT(server.sendOn(session, request("tools/list", meta("2026-07-28")))->error() == ErrorKind::NONE);
    }

    void notificationsOfModernClientsAreAccepted()
    {
        const auto sink = server.send(
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":" + meta("2026-07-28") + "}", {});
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT(sink->answer().empty());
        CPPUNIT_ASSERT(sink->error() == ErrorKind::NONE);
    }

    void responsesOfModernClientsAreRefused()
    {
        const auto sink =
            server.send(R"({"jsonrpc":"2.0","id":1,"result":{}})", {{"MCP-Protocol-Version", "2026-07-28"}});
        CPPUNIT_ASSERT(sink->error() == ErrorKind::SESSION_REQUIRED);
    }

    void discoverTellsWhatThereIs()
    {
        server.plugin->complete = answering("{}");
        server.publish();
        const auto answer = server.modernAnswer("server/discover");
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(answer, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"2026-07-28\""), at(answer, "/result/supportedVersions/0"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(answer, "/result/capabilities/completions"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/capabilities/tools/listChanged"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             at(answer, "/result/capabilities/extensions/io.modelcontextprotocol~1tasks"));
        CPPUNIT_ASSERT_EQUAL(std::string("60000"), at(answer, "/result/ttlMs"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"public\""), at(answer, "/result/cacheScope"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""),
                             at(answer, "/result/_meta/io.modelcontextprotocol~1serverInfo/name"));
    }

    void whatIsLikelyToBeLargeIsHandedBack()
    {
        server.simpleTool("export", saying(std::string(300'000, 'x')));
        server.simpleTool("greet", saying("hi"));
        server.publish();
        const auto call = [&](const std::string& tool, bool mayBeLarge)
        {
            const auto sink = std::make_shared<RecordingSink>();
            const auto body = TestServer::modernBody("tools/call", "\"name\":\"" + tool + '"', {});
            const auto headers = TestServer::modernHeaders("tools/call", tool);
            tenon::mcp::IncomingMessage message;
            message.body = body;
            message.principal = server.anybody;
            message.headers = &headers.fields();
            message.mayBeLarge = mayBeLarge;
            const auto handled = server.dispatcher->handle(message, sink);
            CPPUNIT_ASSERT_EQUAL(handled == tenon::mcp::Handled::DONE, sink->finished());
            return handled;
        };
        CPPUNIT_ASSERT(call("export", false) == tenon::mcp::Handled::DONE); // nobody knows yet
        CPPUNIT_ASSERT(call("export", false) == tenon::mcp::Handled::LARGE);
        CPPUNIT_ASSERT(call("export", true) == tenon::mcp::Handled::DONE);
        CPPUNIT_ASSERT(call("greet", false) == tenon::mcp::Handled::DONE);
    }

    void whatWouldBlockIsHandedBack()
    {
        server.simpleTool("greet", saying("hi"));
        server.publish();
        const auto kind = [&](const std::string& method, const std::string& params, const RecordingSinkPtr& sink)
        {
            const auto body = TestServer::modernBody(method, params, {});
            const auto headers = TestServer::modernHeaders(method, method == "tools/call" ? "greet" : "");
            tenon::mcp::IncomingMessage message;
            message.body = body;
            message.principal = server.anybody;
            message.headers = &headers.fields();
            message.mayBlock = false;
            return server.dispatcher->handle(message, sink);
        };
        const auto sink = std::make_shared<RecordingSink>();
        CPPUNIT_ASSERT(kind("tools/call", R"("name":"greet")", sink) == tenon::mcp::Handled::WOULD_BLOCK);
        CPPUNIT_ASSERT(!sink->ended());
        CPPUNIT_ASSERT(kind("tools/list", {}, sink) == tenon::mcp::Handled::DONE);
        CPPUNIT_ASSERT(sink->finished());
        // What is wrong with it is told at once.
        const auto wrong = std::make_shared<RecordingSink>();
        CPPUNIT_ASSERT(kind("no/such", {}, wrong) == tenon::mcp::Handled::DONE);
    }

    void whatIsHandedBackIsCountedOnce()
    {
        auto& received = server.metrics.counter("messages_received_total", "Messages of clients");
        const auto before = received.value();
        whatWouldBlockIsHandedBack(); // one handed back, two handled
        CPPUNIT_ASSERT_EQUAL(before + 2, received.value());
    }

private:
    static std::string initialize(const std::string& version)
    {
        return request("initialize", "{\"protocolVersion\":\"" + version +
                                         R"(","capabilities":{},"clientInfo":{"name":")" + std::string(200, 'n') +
                                         R"(","version":"1"}})");
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(VersionTest);

// What a principal may not use it neither sees nor reaches.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::base::Access;

class PermissionsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PermissionsTest);
    CPPUNIT_TEST(listsAndCallsFollowTheSameRule);
    CPPUNIT_TEST(whoMayAskForMoreIsToldOfIt);
    CPPUNIT_TEST(filteredListsArePrivate);
    CPPUNIT_TEST(pagesAreFilledWithWhatMayBeSeen);
    CPPUNIT_TEST(completionTellsNothingOfHiddenPrompts);
    CPPUNIT_TEST(hiddenResourcesAreNotSubscribedTo);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.simpleTool("open", saying("x"));
        server.simpleTool("secret", saying("x"));
        server.prompt(R"({"name":"open"})", answering(R"({"messages":[]})"));
        server.prompt(R"({"name":"secret"})", answering(R"({"messages":[]})"));
        server.resource(R"({"uri":"x://open","name":"a"})");
        server.resource(R"({"uri":"x://secret","name":"b"})");
        server.resourceTemplate(R"({"uriTemplate":"y://{a}","name":"c"})");
        server.plugin->read = answering(R"({"contents":[]})");
        server.plugin->complete = answering(R"({"completion":{"values":["leak"]}})");
        server.publish();
        how.principal = principalOf("guest", [](Access, std::string_view name, bool)
                                    { return name.find("secret") == std::string_view::npos; });
    }

    void listsAndCallsFollowTheSameRule()
    {
        for (const auto& [method, kind, key, call, param] :
             {std::tuple("tools/list", "tools", "name", "tools/call", "name"),
              std::tuple("prompts/list", "prompts", "name", "prompts/get", "name"),
              std::tuple("resources/list", "resources", "uri", "resources/read", "uri")})
        {
            const auto answer = server.modernAnswer(method, {}, how);
            const std::string path = std::string("/result/") + kind + '/';
            const std::string open = std::string(key) == "uri" ? "\"x://open\"" : "\"open\"";
            const std::string secret = std::string(key) == "uri" ? "\"x://secret\"" : "\"secret\"";
            CPPUNIT_ASSERT_EQUAL(open, at(answer, path + "0/" + key));
            CPPUNIT_ASSERT_EQUAL(std::string(), at(answer, path + '1'));
            const auto everybody = server.modernAnswer(method);
            CPPUNIT_ASSERT_EQUAL(secret, at(everybody, path + "1/" + key));

            const std::string name = '"' + std::string(param) + "\":";
            CPPUNIT_ASSERT_EQUAL(std::string(), at(server.modernAnswer(call, name + open, how), "/error/code"));
            const auto refused = server.modernAnswer(call, name + secret, how);
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(refused, "/error/code"));
            // Exactly what a name that nobody has would get.
            const auto unknown =
                server.modernAnswer(call, name + (secret == "\"secret\"" ? "\"nobody\"" : "\"x://nobody\""), how);
            CPPUNIT_ASSERT_EQUAL(at(unknown, "/error/message").substr(0, 12),
                                 at(refused, "/error/message").substr(0, 12));
        }
        LegacyClient client(server, "2025-11-25", "{}", how.principal);
        CPPUNIT_ASSERT_EQUAL(std::string(), at(client.answer("tools/list"), "/result/tools/1"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(client.answer("tools/call", R"("name":"secret")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"),
                             at(client.answer("resources/read", R"("uri":"x://secret")"), "/error/code"));
    }

    void whoMayAskForMoreIsToldOfIt()
    {
        auto asking = std::make_shared<tenon::base::Principal>(*how.principal);
        asking->mayAskForMore = true;
        how.principal = asking;
        for (const auto& [call, param, access] :
             {std::tuple("tools/call", R"("name":"secret")", Access::TOOL),
              std::tuple("prompts/get", R"("name":"secret")", Access::PROMPT),
              std::tuple("resources/read", R"("uri":"x://secret")", Access::RESOURCE)})
        {
            const auto sink = server.modern(call, param, how);
            CPPUNIT_ASSERT(sink->waitForEnd());
            CPPUNIT_ASSERT(sink->error() == tenon::jsonrpc::ErrorKind::FORBIDDEN);
            CPPUNIT_ASSERT(sink->deniedAccess() == access);
        }
        const auto unknown = server.modern("tools/call", R"("name":"none")", how);
        CPPUNIT_ASSERT_MESSAGE("what there is not cannot be had with more",
                               unknown->error() == tenon::jsonrpc::ErrorKind::INVALID_PARAMS);
        LegacyClient client(server, "2025-11-25", "{}", asking);
        const auto sink = client.request("tools/call", R"("name":"secret")");
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT(sink->error() == tenon::jsonrpc::ErrorKind::FORBIDDEN);
    }

    void filteredListsArePrivate()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("\"private\""),
                             at(server.modernAnswer("tools/list", {}, how), "/result/cacheScope"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"public\""), at(server.modernAnswer("tools/list"), "/result/cacheScope"));
    }

    void pagesAreFilledWithWhatMayBeSeen()
    {
        auto options = TestServer::defaults();
        options.pageSize = 2;
        TestServer small(options);
        for (const char* name : {"a", "b-secret", "c", "d-secret", "e-secret"})
            small.simpleTool(name, saying("x"));
        small.publish();
        const auto answer = small.modernAnswer("tools/list", {}, how);
        CPPUNIT_ASSERT_EQUAL(std::string("\"c\""), at(answer, "/result/tools/1/name"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(answer, "/result/nextCursor")); // a cursor would tell that there is more
    }

    void completionTellsNothingOfHiddenPrompts()
    {
        const auto complete = [&](const std::string& reference)
        {
            return server.modernAnswer("completion/complete",
                                       "\"ref\":" + reference + R"(,"argument":{"name":"a","value":""})", how);
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["leak"])"),
                             at(complete(R"({"type":"ref/prompt","name":"open"})"), "/result/completion/values"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(complete(R"({"type":"ref/prompt","name":"secret"})"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(complete(R"({"type":"ref/resource","uri":"x://secret"})"), "/error/code"));
    }

    void hiddenResourcesAreNotSubscribedTo()
    {
        const auto sink = server.modern("subscriptions/listen",
                                        R"("notifications":{"resourceSubscriptions":["x://secret","x://open"]})", how);
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["x://open"])"),
                             at(sink->events().at(0).text, "/params/notifications/resourceSubscriptions"));
        LegacyClient client(server, "2025-11-25", "{}", how.principal);
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"),
                             at(client.answer("resources/subscribe", R"("uri":"x://secret")"), "/error/code"));
        for (const auto& order : server.plugin->orders())
            CPPUNIT_ASSERT(order.find("secret") == std::string::npos);
    }

private:
    TestServer::Modern how;
    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PermissionsTest);

// Prompts and completion.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::plugin::CallBackendPtr;

class PromptTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PromptTest);
    CPPUNIT_TEST(argumentsAreStrings);
    CPPUNIT_TEST(requiredArgumentsAreRequired);
    CPPUNIT_TEST(unknownPromptsAreInvalidParams);
    CPPUNIT_TEST(completionReachesThePlugin);
    CPPUNIT_TEST(completionSeesThePromptsOwnName);
    CPPUNIT_TEST(aPluginWithoutCompletionCompletesNothing);
    CPPUNIT_TEST(badCompletionsAreRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.prompt(R"({"name":"p","arguments":[{"name":"a","required":true},{"name":"b"}]})",
                      [this](const CallBackendPtr& call)
                      {
                          seen = tenon::base::toJson(call->arguments());
                          return call->finish(R"({"messages":[]})", nullptr);
                      });
        server.publish();
    }

    void argumentsAreStrings()
    {
        (void)server.modernAnswer("prompts/get", R"("name":"p","arguments":{"a":"x"})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":"x"})"), seen);
        for (const char* bad : {R"({"a":1})", "[]", "null", R"({"a":"x","b":null})"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("-32602"),
                at(server.modernAnswer("prompts/get", std::string(R"("name":"p","arguments":)") + bad), "/error/code"));
    }

    void requiredArgumentsAreRequired()
    {
        const auto answer = server.modernAnswer("prompts/get", R"("name":"p","arguments":{"b":"x"})");
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(answer, "/error/code"));
        CPPUNIT_ASSERT(at(answer, "/error/message").find("'a'") != std::string::npos);
    }

    void unknownPromptsAreInvalidParams()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(server.modernAnswer("prompts/get", R"("name":"none")"), "/error/code"));
    }

    void completionReachesThePlugin()
    {
        completing();
        const auto answer = server.modernAnswer("completion/complete", complete("p"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["v"])"), at(answer, "/result/completion/values"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"type":"ref/prompt","name":"p"})"), at(seen, "/ref"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"name":"a","value":"x"})"), at(seen, "/argument"));
        server.resourceTemplate(R"({"uriTemplate":"x://{a}","name":"t"})");
        server.publish();
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"(["v"])"),
            at(server.modernAnswer(
                   "completion/complete",
                   R"("ref":{"type":"ref/resource","uri":"x://{a}"},"argument":{"name":"a","value":""})"),
               "/result/completion/values"));
    }

    void completionSeesThePromptsOwnName()
    {
        server.draft.prompts[0].name = "prefix_p";
        completing();
        (void)server.modernAnswer("completion/complete", complete("prefix_p"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"type":"ref/prompt","name":"p"})"), at(seen, "/ref"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"name":"a","value":"x"})"), at(seen, "/argument"));
    }

    void aPluginWithoutCompletionCompletesNothing()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"values":[],"total":0,"hasMore":false})"),
                             at(server.modernAnswer("completion/complete", complete("p")), "/result/completion"));
    }

    void badCompletionsAreRefused()
    {
        completing();
        for (const char* bad :
             {"", R"("ref":5,"argument":{"name":"a","value":""})", R"("ref":{"type":"ref/prompt","name":"p"})",
              R"("ref":{"type":"ref/prompt","name":"none"},"argument":{"name":"a","value":""})",
              R"("ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"})",
              R"("ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":5})",
              R"("ref":{"type":"ref/tool","name":"p"},"argument":{"name":"a","value":""})",
              R"("ref":{"type":"ref/resource","uri":"x://none"},"argument":{"name":"a","value":""})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("-32602"),
                                         at(server.modernAnswer("completion/complete", bad), "/error/code"));
    }

private:
    void completing()
    {
        server.plugin->complete = [this](const CallBackendPtr& call)
        {
            seen = tenon::base::toJson(call->arguments());
            return call->finish(R"({"completion":{"values":["v"]}})", nullptr);
        };
        server.publish();
    }

    static std::string complete(const std::string& prompt)
    {
        return R"("ref":{"type":"ref/prompt","name":")" + prompt + R"("},"argument":{"name":"a","value":"x"})";
    }

    std::string seen;
    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PromptTest);

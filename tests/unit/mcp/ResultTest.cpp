// Results of plugins as each revision gets them.
#include "plugin/abi/ResultWriter.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

namespace
{

/// Piece by piece, as a plugin writes.
void write(tenon::plugin::ResultWriter& writer, const simdjson::dom::element& value)
{
    if (value.is_object())
    {
        writer.beginObject();
        for (const auto& [name, member] : simdjson::dom::object(value))
        {
            writer.key(name);
            write(writer, member);
        }
        writer.endObject();
    }
    else if (value.is_array())
    {
        writer.beginArray();
        for (const auto item : simdjson::dom::array(value))
            write(writer, item);
        writer.endArray();
    }
    else if (value.is_string())
        writer.text(std::string_view(value));
    else if (value.is_bool())
        writer.boolean(bool(value));
    else
        writer.value(value);
}

FakePlugin::Function writing(const std::string& result)
{
    return [result](const tenon::plugin::CallBackendPtr& call)
    {
        tenon::plugin::ResultWriter writer;
        write(writer, tenon::base::JsonDocument::parse(result)->root());
        return call->finish(std::move(writer.output()), &writer.shape());
    };
}
} // namespace

class ResultTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResultTest);
    CPPUNIT_TEST(modernResultsSayWhoAnswered);
    CPPUNIT_TEST(anEmptyResultIsWellFormed);
    CPPUNIT_TEST(thePluginsMetaStays);
    CPPUNIT_TEST(audioBecomesTextWhereItIsUnknown);
    CPPUNIT_TEST(linksBecomeTextWhereTheyAreUnknown);
    CPPUNIT_TEST(iconsOfLinksAreLeftOut);
    CPPUNIT_TEST(metaOfContentIsLeftOut);
    CPPUNIT_TEST(structuredContentIsLeftOut);
    CPPUNIT_TEST(cachingHintsAreModern);
    CPPUNIT_TEST(promptMessagesAreShapedToo);
    CPPUNIT_TEST(whiteSpaceDoesNotBreakFrames);
    CPPUNIT_TEST(aResultOfAnotherShapeIsRefused);
    CPPUNIT_TEST(whatBreaksTheProtocolIsAnError);
    CPPUNIT_TEST(aResultThatIsTooLargeSaysSo);
    CPPUNIT_TEST(whatIsSaidAlongTheWayIsNoLarger);
    CPPUNIT_TEST(aResultThatBreaksItsItemsIsRefusedNotLost);
    CPPUNIT_TEST(outputThatBreaksItsSchemaIsAnErrorUnlessToldOtherwise);
    CPPUNIT_TEST(whatIsKnownOfAResultChangesNoAnswer);
    CPPUNIT_TEST_SUITE_END();

public:
    void modernResultsSayWhoAnswered()
    {
        const auto answer = call(R"({"content":[{"type":"text","text":"x"}]})", "2026-07-28");
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(answer, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""),
                             at(answer, "/result/_meta/io.modelcontextprotocol~1serverInfo/name"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[{"type":"text","text":"x"}]})"),
                             at(call(R"({"content":[{"type":"text","text":"x"}]})", "2025-11-25"), "/result"));
    }

    void anEmptyResultIsWellFormed()
    {
        server.plugin->complete = answering("{}");
        server.prompt(R"({"name":"p"})", answering("{}"));
        server.publish();
        const std::string params = R"("ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""})";
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""),
                             at(server.modernAnswer("completion/complete", params), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             at(LegacyClient(server).answer("completion/complete", params), "/result"));
    }

    void thePluginsMetaStays()
    {
        const std::string result =
            R"({"_meta":{"mine":1,"io.modelcontextprotocol/serverInfo":"forged"},"content":[],"resultType":"x"})";
        const auto modern = call(result, "2026-07-28");
        CPPUNIT_ASSERT_EQUAL(std::string("1"), at(modern, "/result/_meta/mine"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""),
                             at(modern, "/result/_meta/io.modelcontextprotocol~1serverInfo/name"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(modern, "/result/resultType"));
        const auto legacy = call(result, "2025-11-25");
        CPPUNIT_ASSERT_EQUAL(std::string("1"), at(legacy, "/result/_meta/mine"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(legacy, "/result/resultType"));
    }

    void audioBecomesTextWhereItIsUnknown()
    {
        for (const std::string revision : REVISIONS)
        {
            const auto answer = call(
                R"({"content":[{"type":"audio","data":"AAAA","mimeType":"audio/wav"},{"type":"text","text":"x"}]})",
                revision);
            CPPUNIT_ASSERT_EQUAL(std::string(revision == "2024-11-05" ? "\"text\"" : "\"audio\""),
                                 at(answer, "/result/content/0/type"));
            CPPUNIT_ASSERT_EQUAL(std::string("\"x\""), at(answer, "/result/content/1/text"));
        }
    }

    void linksBecomeTextWhereTheyAreUnknown()
    {
        for (const std::string revision : REVISIONS)
        {
            const auto answer =
                call(R"({"content":[{"type":"resource_link","uri":"x://a","name":"n","description":"d"}]})", revision);
            const bool known = revision >= "2025-06-18";
            CPPUNIT_ASSERT_EQUAL(std::string(known ? "\"resource_link\"" : "\"text\""),
                                 at(answer, "/result/content/0/type"));
            CPPUNIT_ASSERT_EQUAL(std::string(known ? "" : "\"[resource] n: x://a (d)\""),
                                 at(answer, "/result/content/0/text"));
        }
    }

    void iconsOfLinksAreLeftOut()
    {
        const std::string result = R"({"content":[{"type":"resource_link","uri":"x://a","name":"n","icons":[]}]})";
        CPPUNIT_ASSERT_EQUAL(std::string(), at(call(result, "2025-06-18"), "/result/content/0/icons"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(call(result, "2025-11-25"), "/result/content/0/icons"));
    }

    void metaOfContentIsLeftOut()
    {
        const std::string result =
            R"({"content":[{"type":"text","text":"x","_meta":{}},{"type":"resource","_meta":{},"resource":{"uri":"x://a","text":"t","_meta":{}}}]})";
        for (const std::string revision : REVISIONS)
        {
            const auto answer = call(result, revision);
            const bool known = revision >= "2025-06-18";
            for (const char* path :
                 {"/result/content/0/_meta", "/result/content/1/_meta", "/result/content/1/resource/_meta"})
                CPPUNIT_ASSERT_EQUAL_MESSAGE(revision + path, known, !at(answer, path).empty());
            CPPUNIT_ASSERT_EQUAL(std::string("\"t\""), at(answer, "/result/content/1/resource/text"));
        }
    }

    void structuredContentIsLeftOut()
    {
        for (const std::string revision : REVISIONS)
        {
            const auto answer = call(R"({"content":[],"structuredContent":{"a":1}})", revision);
            CPPUNIT_ASSERT_EQUAL(std::string(revision >= "2025-06-18" ? R"({"a":1})" : ""),
                                 at(answer, "/result/structuredContent"));
            CPPUNIT_ASSERT_EQUAL(std::string(revision >= "2025-06-18" ? "" : R"("{\"a\":1}")"),
                                 at(answer, "/result/content/0/text"));
        }
    }

    void cachingHintsAreModern()
    {
        server.resource(R"({"uri":"x://a","name":"a"})");
        server.plugin->read = answering(R"({"contents":[{"uri":"x://a","text":"t"}]})");
        server.publish();
        const auto modern = server.modernAnswer("resources/read", R"("uri":"x://a")");
        CPPUNIT_ASSERT_EQUAL(std::string("0"), at(modern, "/result/ttlMs"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"private\""), at(modern, "/result/cacheScope"));
        server.plugin->read = answering(R"({"contents":[],"ttlMs":5,"cacheScope":"public"})");
        const auto own = server.modernAnswer("resources/read", R"("uri":"x://a")");
        CPPUNIT_ASSERT_EQUAL(std::string("5"), at(own, "/result/ttlMs"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"public\""), at(own, "/result/cacheScope"));
        const auto legacy = LegacyClient(server).answer("resources/read", R"("uri":"x://a")");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"contents":[]})"), at(legacy, "/result"));
    }

    void promptMessagesAreShapedToo()
    {
        server.prompt(
            R"({"name":"p"})",
            answering(
                R"({"description":"d","messages":[{"role":"user","content":{"type":"audio","data":"AA==","mimeType":"a/b"}}]})"));
        server.publish();
        for (const std::string revision : REVISIONS)
        {
            const auto answer = revision == "2026-07-28"
                                    ? server.modernAnswer("prompts/get", R"("name":"p")")
                                    : LegacyClient(server, revision).answer("prompts/get", R"("name":"p")");
            CPPUNIT_ASSERT_EQUAL(std::string(revision == "2024-11-05" ? "\"text\"" : "\"audio\""),
                                 at(answer, "/result/messages/0/content/type"));
            CPPUNIT_ASSERT_EQUAL(std::string("\"user\""), at(answer, "/result/messages/0/role"));
        }
    }

    void whiteSpaceDoesNotBreakFrames()
    {
        const std::string result = "\n{\r\n \"content\" : [ {\n\"type\":\"text\",\"text\":\"a\\nb\"} ]\n}\n";
        for (const std::string revision : REVISIONS)
        {
            const auto answer = call(result, revision);
            CPPUNIT_ASSERT(answer.find_first_of("\r\n") == std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string("\"a\\nb\""), at(answer, "/result/content/0/text"));
        }
    }

    void aResultOfAnotherShapeIsRefused()
    {
        for (const std::string result : {"[]", "5", "{", "{}", R"({"content":5})", ""})
        {
            tenon_status status = 0;
            const auto answer = answerOf(
                [&](const tenon::plugin::CallBackendPtr& call)
                {
                    status = call->finish(std::string(result), nullptr);
                    return call->fail(TENON_ERROR_FAILED, "gave up");
                },
                "2026-07-28");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(result, tenon_status(TENON_ERROR_INVALID), status);
            CPPUNIT_ASSERT_EQUAL(std::string("\"gave up\""), at(answer, "/result/content/0/text"));
        }
    }

    void whatBreaksTheProtocolIsAnError()
    {
        for (const std::string result : {R"({"content":[],"_meta":5})",
                                         R"({"content":[{"type":"image","mimeType":"image/png","data":"not base64"}]})",
                                         R"({"content":[{"type":"resource","resource":{"uri":"a:b","blob":"%"}}]})",
                                         R"({"content":[{"type":"text","text":"a","_meta":[]}]})"})
            for (const std::string revision : REVISIONS)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(result, std::string("true"),
                                             at(call(result, revision), "/result/isError"));
        server.resource(R"({"uri":"x://r","name":"r"})");
        server.publish();
        for (const std::string hint : {R"("ttlMs":-1)", R"("cacheScope":"everybody")"})
        {
            server.plugin->read = answering("{\"contents\":[]," + hint + '}');
            CPPUNIT_ASSERT_EQUAL_MESSAGE(hint, std::string("-32603"),
                                         at(server.modernAnswer("resources/read", R"("uri":"x://r")"), "/error/code"));
        }
    }

    void aResultThatIsTooLargeSaysSo()
    {
        auto options = TestServer::defaults();
        options.maxResultBytes = 1000;
        TestServer small(options);
        small.simpleTool("t", saying(std::string(2000, 'x')));
        small.publish();
        const auto answer = small.modernAnswer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/isError"));
        CPPUNIT_ASSERT(at(answer, "/result/content/0/text").find("ask for less") != std::string::npos);
        small.simpleTool("more", saying(std::string(2000, 'x'))).maxResultBytes = 4000;
        small.simpleTool("less", saying("hello")).maxResultBytes = 10;
        small.publish();
        CPPUNIT_ASSERT(at(small.modernAnswer("tools/call", R"("name":"more")"), "/result/isError") != "true");
        CPPUNIT_ASSERT_EQUAL(std::string("true"),
                             at(small.modernAnswer("tools/call", R"("name":"less")"), "/result/isError"));
    }

    void whatIsSaidAlongTheWayIsNoLarger()
    {
        auto options = TestServer::defaults();
        options.maxResultBytes = 1000;
        TestServer small(options);
        const std::string much(2000, 'x'), object = "{\"a\":\"" + much + "\"}";
        std::vector<tenon_status> said;
        small.simpleTool("t",
                         [&](const tenon::plugin::CallBackendPtr& call)
                         {
                             said = {call->progress(1, 2, much), call->log(TENON_LOG_ERROR, "l", object),
                                     call->emit("com.example/t", object), call->requestInput("k", object).status};
                             (void)call->fail(TENON_ERROR_FAILED, much);
                             return TENON_OK;
                         });
        small.publish();
        const auto answer = small.modernAnswer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(std::vector<tenon_status>(4, TENON_ERROR_RESOURCES) == said);
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/isError"));
        CPPUNIT_ASSERT(at(answer, "/result/content/0/text").find("ask for less") != std::string::npos);
    }

    void aResultThatBreaksItsItemsIsRefusedNotLost()
    {
        tenon_status status = 0;
        server.prompt(R"({"name":"p"})",
                      [&](const tenon::plugin::CallBackendPtr& call)
                      {
                          status = call->finish(R"({"messages":[5]})", nullptr);
                          return status < 0 ? status : TENON_OK;
                      });
        server.publish();
        const auto answer = LegacyClient(server, "2024-11-05").answer("prompts/get", R"("name":"p")");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), status);
        CPPUNIT_ASSERT(!at(answer, "/error/code").empty());
    }

    void outputThatBreaksItsSchemaIsAnErrorUnlessToldOtherwise()
    {
        auto options = TestServer::defaults();
        options.strictOutput = false;
        TestServer lenient(options);
        for (TestServer* each : {&server, &lenient})
        {
            each->tool(
                R"({"name":"o","inputSchema":{"type":"object"},"outputSchema":{"type":"object","required":["a"]}})",
                answering(R"({"content":[],"structuredContent":{}})"));
            each->tool(
                R"({"name":"e","inputSchema":{"type":"object"},"outputSchema":{"type":"object","required":["a"]}})",
                answering(R"({"content":[],"isError":true})"));
            each->publish();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             at(lenient.modernAnswer("tools/call", R"("name":"o")"), "/result/structuredContent"));
        const auto answer = server.modernAnswer("tools/call", R"("name":"o")");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/isError"));
        CPPUNIT_ASSERT(answer.find("outputSchema") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"),
                             at(server.modernAnswer("tools/call", R"("name":"e")"), "/result/content"));
    }

    void whatIsKnownOfAResultChangesNoAnswer()
    {
        const char* const OUTPUT = R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})";
        const char* const results[] = {
            R"({"content":[]})",
            R"({"content":[{"type":"text","text":"x"},{"type":"text","text":"é\"\n"}]})",
            R"({"content":[{"text":"x","type":"text"}],"isError":true})",
            R"({"content":[],"isError":false,"structuredContent":{"a":1,"content":{"isError":true}}})",
            R"({"structuredContent":{"a":1,"b":[{"type":"image"}]},"content":[{"type":"text","text":"x"}]})",
            R"({"structuredContent":{"a":"one"},"content":[]})",
            R"({"structuredContent":[1],"content":[]})",
            R"({"structuredContent":"text","content":[]})",
            R"({"structuredContent":true,"content":[]})",
            R"({"structuredContent":7,"content":[],"isError":true})",
            R"({"content":[{"type":"text","text":"x","annotations":{"priority":1}}]})",
            R"({"content":[{"type":"text","text":"x","_meta":5}]})",
            R"({"content":[{"type":"audio","data":"AAAA","mimeType":"audio/wav"}]})",
            R"({"content":[{"type":"image","data":"%","mimeType":"image/png"}]})",
            R"({"content":[{"type":"resource_link","uri":"a:b","name":"n","icons":[]}]})",
            R"({"content":[{"type":"text","text":{"deep":1}}]})",
            R"({"content":[[]]})",
            R"({"content":["text"]})",
            R"({"content":[5]})",
            R"({"content":{}})",
            R"({"content":"text"})",
            R"({"content":[],"isError":"yes"})",
            R"({"content":[],"_meta":{"mine":1}})",
            R"({"content":[],"_meta":5})",
            R"({"content":[],"resultType":"x","ttlMs":5})",
            R"({"content":[],"other":true})",
            R"({"content":[],"content":[{"type":"audio","data":"AAAA","mimeType":"audio/wav"}]})",
            R"({"isError":true})",
            R"({})",
        };
        for (const char* revision : REVISIONS)
            for (const char* const schema : {"", OUTPUT})
                for (const char* result : results)
                    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(revision) + ' ' + result,
                                                 answerOf(answering(result), revision, schema),
                                                 answerOf(writing(result), revision, schema));
    }

private:
    std::string call(const std::string& result, const std::string& revision)
    {
        return answerOf(answering(result), revision);
    }

    std::string answerOf(FakePlugin::Function function, const std::string& revision, const std::string& output = {})
    {
        server.draft.tools.clear();
        server.tool(R"({"name":"t","inputSchema":{"type":"object"})" +
                        (output.empty() ? std::string() : ",\"outputSchema\":" + output) + '}',
                    std::move(function));
        server.publish();
        return revision == "2026-07-28" ? server.modernAnswer("tools/call", R"("name":"t")")
                                        : LegacyClient(server, revision).answer("tools/call", R"("name":"t")");
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResultTest);

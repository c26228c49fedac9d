#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// What handlers return or throw.
class ResultTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResultTest);
    CPPUNIT_TEST(texts);
    CPPUNIT_TEST(nothing);
    CPPUNIT_TEST(plainNumber);
    CPPUNIT_TEST(describedStruct);
    CPPUNIT_TEST(vectorAndMap);
    CPPUNIT_TEST(contentBlocks);
    CPPUNIT_TEST(contentAnnotations);
    CPPUNIT_TEST(structuredWithoutContent);
    CPPUNIT_TEST(errorResult);
    CPPUNIT_TEST(writtenByHand);
    CPPUNIT_TEST(brokenByHand);
    CPPUNIT_TEST(rawResult);
    CPPUNIT_TEST(exceptions);
    CPPUNIT_TEST(exceptionsWithAStatus);
    CPPUNIT_TEST(answerAfterTheEnd);
    CPPUNIT_TEST(unknownIndex);
    CPPUNIT_TEST(escapes);
    CPPUNIT_TEST(base64);
    CPPUNIT_TEST(whatJsonCannotHoldIsSaid);
    CPPUNIT_TEST(largeUnsignedNumbersAreExact);
    CPPUNIT_TEST_SUITE_END();

    MockHost _host;

    /// Calls the only tool of `body`.
    tenon_status call(void (*body)(Plugin&), MockCall& call)
    {
        const Made plugin(_host, body);
        CPPUNIT_ASSERT(plugin.get());
        return plugin.tools().call(plugin.get(), 0, call.abi());
    }

    std::string result(void (*body)(Plugin&))
    {
        MockCall made;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call(body, made));
        CPPUNIT_ASSERT(made.ended);
        return made.failure ? "failed " + std::to_string(made.failure) + ": " + made.message : made.result;
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void texts()
    {
        const std::string expected = R"({"content":[{"type":"text","text":"a"}]})";
        expect(expected, result([](Plugin& p) { p.tool("t", "x").handle([] { return "a"; }); }));
        expect(expected, result([](Plugin& p) { p.tool("t", "x").handle([] { return std::string("a"); }); }));
        expect(expected,
               result([](Plugin& p) { p.tool("t", "x").handle([](Call&) { return std::string_view("a"); }); }));
        expect(expected, result([](Plugin& p) { p.tool("t", "x").handle([] { return Content::text("a"); }); }));
        expect(expected, result([](Plugin& p) { p.tool("t", "x").handle([]() -> Result { return "a"; }); }));
    }

    void nothing()
    {
        expect(R"({"content":[]})", result([](Plugin& p) { p.tool("t", "x").handle([] {}); }));
    }

    void plainNumber()
    {
        expect(R"({"content":[{"type":"text","text":"42"}]})",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return 42; }); }));
        expect(R"({"content":[{"type":"text","text":"true"}]})",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return true; }); }));
    }

    void describedStruct()
    {
        expect(R"({"content":[{"type":"text","text":"{\"name\":\"Ada\",\"age\":36,\"likes\":[\"red\"]}"}],)"
               R"("structuredContent":{"name":"Ada","age":36,"likes":["red"]}})",
               result(
                   [](Plugin& p) {
                       p.tool("t", "x").handle([] { return Person{"Ada", 36, {Colour::Red}, std::nullopt}; });
                   }));
    }

    void vectorAndMap()
    {
        expect(R"({"content":[{"type":"text","text":"[1,2]"}],"structuredContent":[1,2]})",
               result([](Plugin& p) { p.tool("t", "x").handle(
                                          [] {
                                              return std::vector<int>{1, 2};
                                          }); }));
        expect(R"({"content":[{"type":"text","text":"{\"a\":true}"}],"structuredContent":{"a":true}})",
               result(
                   [](Plugin& p) {
                       p.tool("t", "x").handle([] { return std::map<std::string, bool>{{"a", true}}; });
                   }));
    }

    void contentBlocks()
    {
        expect(R"({"content":[{"type":"text","text":"a"},{"type":"image","data":"AQI=","mimeType":"image/png"},)"
               R"({"type":"audio","data":"AQI=","mimeType":"audio/wav"},)"
               R"({"type":"resource_link","uri":"file:///a","name":"a","mimeType":"text/plain"},)"
               R"({"type":"resource","resource":{"uri":"x://t","mimeType":"text/plain","text":"t"}},)"
               R"({"type":"resource","resource":{"uri":"x://b","blob":"AQI="}},{"type":"text","text":"raw"}],)"
               R"("_meta":{"a":1}})",
               result(
                   [](Plugin& p)
                   {
                       p.tool("t", "x").handle(
                           []
                           {
                               return Result()
                                   .text("a")
                                   .image({"\x01\x02"}, "image/png")
                                   .audio({"\x01\x02"}, "audio/wav")
                                   .link("file:///a", "a", "text/plain")
                                   .add(Content::resource("x://t", "t", "text/plain"))
                                   .add(Content::resource("x://b", Bytes{"\x01\x02"}))
                                   .add(Content::json({R"({"type":"text","text":"raw"})"}))
                                   .meta({R"({"a":1})"});
                           });
                   }));
    }

    void contentAnnotations()
    {
        expect(
            R"({"content":[{"type":"resource_link","uri":"file:///a","name":"a","title":"A","size":3,"_meta":{"b":2},)"
            R"("annotations":{"audience":["user"],"priority":0.5,"lastModified":"2026-01-01T00:00:00Z"}}]})",
            result(
                [](Plugin& p)
                {
                    p.tool("t", "x").handle(
                        []
                        {
                            return Content::link("file:///a", "a")
                                .title("A")
                                .size(3)
                                .audience({Role::User})
                                .priority(0.5)
                                .lastModified("2026-01-01T00:00:00Z")
                                .meta({R"({"b":2})"});
                        });
                }));
    }

    void structuredWithoutContent()
    {
        expect(R"({"content":[{"type":"text","text":"{\"name\":\"Ada\"}"}],"structuredContent":{"name":"Ada"}})",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return Result().structured(Name{"Ada"}); }); }));
        expect(
            R"({"content":[{"type":"text","text":"Ada"}],"structuredContent":{"name":"Ada"}})",
            result([](Plugin& p) { p.tool("t", "x").handle([] { return Result("Ada").structured(Name{"Ada"}); }); }));
    }

    void errorResult()
    {
        expect(R"({"content":[{"type":"text","text":"no"}],"isError":true})",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return Result::error("no"); }); }));
    }

    void writtenByHand()
    {
        expect(R"({"content":[],"structuredContent":{"a":[1,null,2.5,false]}})",
               result(
                   [](Plugin& p)
                   {
                       p.tool("t", "x").handle(
                           [](Call& call)
                           {
                               Writer writer = call.writer();
                               writer.beginObject().key("content").beginArray().endArray();
                               writer.key("structuredContent").beginObject().key("a").beginArray();
                               writer.integer(1).null().number(2.5).boolean(false);
                               writer.endArray().endObject().endObject();
                               return Written{};
                           });
                   }));
    }

    void brokenByHand()
    {
        expect("failed -7: The plugin wrote a result that is not a JSON object.",
               result(
                   [](Plugin& p)
                   {
                       p.tool("t", "x").handle(
                           [](Call& call)
                           {
                               call.writer().beginObject();
                               return Written{};
                           });
                   }));
    }

    void rawResult()
    {
        expect(R"({"content":[],"x":1})",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return RawResult{R"({"content":[],"x":1})"}; }); }));
        expect("failed -7: The plugin's result is not a JSON object.",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return RawResult{"["}; }); }));
    }

    void exceptions()
    {
        expect("failed -7: no such city",
               result([](Plugin& p) { p.tool("t", "x").handle([] { throw ToolError("no such city"); }); }));
        expect("failed -7: what",
               result([](Plugin& p) { p.tool("t", "x").handle([]() -> int { throw std::runtime_error("what"); }); }));
        expect("failed -7: The plugin failed for an unknown reason.",
               result([](Plugin& p) { p.tool("t", "x").handle([] { throw 3; }); }));
    }

    void exceptionsWithAStatus()
    {
        expect("failed -9: broken",
               result([](Plugin& p) { p.tool("t", "x").handle([] { throw ProtocolError("broken"); }); }));
        expect("failed -2: gone", result([](Plugin& p) { p.tool("t", "x").handle([] { throw NotFound("gone"); }); }));
        expect("failed -1: bad",
               result([](Plugin& p) { p.tool("t", "x").handle([] { throw InvalidParams("bad"); }); }));

        MockCall made;
        made.cancelled = true;
        CPPUNIT_ASSERT_EQUAL(
            tenon_status(TENON_ERROR_CANCELLED),
            call([](Plugin& p) { p.tool("t", "x").handle([](Call& c) { c.throwIfCancelled(); }); }, made));
        CPPUNIT_ASSERT(!made.ended);
    }

    void answerAfterTheEnd()
    {
        MockCall made;
        made.ended = true;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK),
                             call([](Plugin& p) { p.tool("t", "x").handle([] { return "late"; }); }, made));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK),
                             call([](Plugin& p) { p.tool("t", "x").handle([] { throw ToolError("late"); }); }, made));
    }

    void whatJsonCannotHoldIsSaid()
    {
        static const double NOT = std::numeric_limits<double>::quiet_NaN();
        static const double INF = std::numeric_limits<double>::infinity();
        expect("failed -12: The result is NaN, which JSON cannot hold.",
               result([](Plugin& p) { p.tool("t", "x").handle([] { return NOT; }); }));
        expect("failed -12: The result's [1] is -Infinity, which JSON cannot hold.",
               result([](Plugin& p) { p.tool("t", "x").handle(
                                          [] {
                                              return std::vector<double>{1, -INF};
                                          }); }));
        expect("failed -12: The result's rates.oslo[2] is Infinity, which JSON cannot hold.",
               result(
                   [](Plugin& p)
                   {
                       p.tool("t", "x").handle(
                           [] {
                               return std::map<std::string, std::map<std::string, std::vector<double>>>{
                                   {"rates", {{"oslo", {1, 2, INF}}}}};
                           });
                   }));
        expect("failed -12: The result's n is NaN, which JSON cannot hold.",
               result(
                   [](Plugin& p)
                   {
                       p.tool("t", "x").handle(
                           [](Call& call)
                           {
                               call.writer().beginObject().member("n", NOT);
                               return Written{};
                           });
                   }));
        CPPUNIT_ASSERT_THROW(toJson(static_cast<Colour>(9)), NotRepresentable);
    }

    void largeUnsignedNumbersAreExact()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("18446744073709551615"), toJson(std::numeric_limits<uint64_t>::max()).text);
    }

    void unknownIndex()
    {
        const Made plugin(_host, [](Plugin& p) { p.tool("t", "x").handle([] {}); });
        MockCall made;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), plugin.tools().call(plugin.get(), 1, made.abi()));
    }

    void escapes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"("a\"\\\n\u0001\u001f/é")"), toJson("a\"\\\n\x01\x1f/é").text);
        CPPUNIT_ASSERT_EQUAL(std::string("0.1"), toJson(0.1).text);
        CPPUNIT_ASSERT_EQUAL(std::string("-9223372036854775808"), toJson(INT64_MIN).text);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":[],"b":{"c":1},"d":[[2],[3]]})"),
                             JsonWriter()
                                 .beginObject()
                                 .member("a", std::vector<int>())
                                 .member("b", std::map<std::string, int>{{"c", 1}})
                                 .member("d", std::vector<std::vector<int>>{{2}, {3}})
                                 .endObject()
                                 .str());
    }

    void base64()
    {
        const char* const expected[] = {"\"\"", "\"Zg==\"", "\"Zm8=\"", "\"Zm9v\"", "\"Zm9vYg==\"", "\"Zm9vYmFy\""};
        const char* const given[] = {"", "f", "fo", "foo", "foob", "foobar"};
        for (int i = 0; i < 6; ++i)
            CPPUNIT_ASSERT_EQUAL(std::string(expected[i]), toJson(Bytes{given[i]}).text);
        CPPUNIT_ASSERT_EQUAL(std::string("\"//79\""), toJson(Bytes{"\xff\xfe\xfd"}).text);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResultTest);

#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// What follows from the types of parameters, fields and results.
class SchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchemaTest);
    CPPUNIT_TEST(basicTypes);
    CPPUNIT_TEST(containers);
    CPPUNIT_TEST(enumerations);
    CPPUNIT_TEST(describedStruct);
    CPPUNIT_TEST(parametersOfATool);
    CPPUNIT_TEST(everyOption);
    CPPUNIT_TEST(toolWithoutParameters);
    CPPUNIT_TEST(typesFromTheFunction);
    CPPUNIT_TEST(toolOfAStruct);
    CPPUNIT_TEST(ownSchema);
    CPPUNIT_TEST(outputOfATypedResult);
    CPPUNIT_TEST(hostOnlyMembers);
    CPPUNIT_TEST(metadata);
    CPPUNIT_TEST_SUITE_END();

    /// The only tool that `body` declares, as JSON.
    static std::string tool(void (*body)(Plugin&))
    {
        MockHost host;
        const Made plugin(host, body);
        CPPUNIT_ASSERT(plugin.get());
        const std::string list = plugin.list(plugin.tools().list);
        return list.substr(1, list.size() - 2);
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void basicTypes()
    {
        expect(R"({"type":"boolean"})", detail::schemaOf<bool>());
        expect(R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})", detail::schemaOf<int>());
        expect(R"({"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807})",
               detail::schemaOf<int64_t>());
        expect(R"({"type":"integer","minimum":0,"maximum":255})", detail::schemaOf<std::uint8_t>());
        expect(R"({"type":"integer","minimum":0})", detail::schemaOf<std::uint64_t>());
        expect(R"({"type":"integer","minimum":-32768,"maximum":32767})",
               detail::schemaOf<std::optional<std::int16_t>>());
        expect(R"({"type":"integer","minimum":0,"maximum":4294967295})", detail::schemaOf<unsigned>());
        expect(R"({"type":"number"})", detail::schemaOf<double>());
        expect(R"({"type":"string"})", detail::schemaOf<std::string>());
        expect(R"({"type":"string"})", detail::schemaOf<std::string_view>());
        expect("{}", detail::schemaOf<Value>());
        expect("{}", detail::schemaOf<Json>());
    }

    void containers()
    {
        expect(R"({"type":"array","items":{"type":"integer","minimum":-2147483648,"maximum":2147483647}})",
               detail::schemaOf<std::vector<int>>());
        expect(R"({"type":"array","items":{"type":"array","items":{"type":"string"}}})",
               detail::schemaOf<std::vector<std::vector<std::string>>>());
        expect(R"({"type":"object","additionalProperties":{"type":"number"}})",
               (detail::schemaOf<std::map<std::string, double>>()));
        expect(R"({"type":"boolean"})", detail::schemaOf<std::optional<bool>>());
    }

    void enumerations()
    {
        expect(R"({"type":"string","enum":["small","large"]})", detail::schemaOf<Size>());
        expect(R"({"type":"string","oneOf":[{"const":"red","title":"Red as blood"},)"
               R"({"const":"green","title":"Green as grass"}]})",
               detail::schemaOf<Colour>());
        expect(R"({"type":"array","items":{"type":"string","enum":["small","large"]}})",
               detail::schemaOf<std::vector<Size>>());
        expect(R"({"type":"array","items":{"anyOf":[{"const":"red","title":"Red as blood"},)"
               R"({"const":"green","title":"Green as grass"}]}})",
               detail::schemaOf<std::vector<Colour>>());
    }

    void describedStruct()
    {
        expect(R"({"type":"object","properties":{)"
               R"("name":{"type":"string","description":"The full name","minLength":1,"maxLength":80},)"
               R"("age":{"type":"integer","description":"Years","minimum":0,"maximum":150,"default":30},)"
               R"("likes":{"type":"array","items":{"anyOf":[{"const":"red","title":"Red as blood"},)"
               R"({"const":"green","title":"Green as grass"}]}},)"
               R"("address":{"type":"object","properties":{)"
               R"("city":{"type":"string","description":"The city"},"street":{"type":"string"}},"required":["city"]}},)"
               R"("required":["name"]})",
               detail::schemaOf<Person>());
    }

    void parametersOfATool()
    {
        expect(R"({"name":"greet","description":"Greets","inputSchema":{"type":"object","properties":{)"
               R"("name":{"type":"string","description":"Whom"},)"
               R"("times":{"type":"integer","description":"How often","default":1,"minimum":1,"maximum":10},)"
               R"("size":{"type":"string","enum":["small","large"],"description":"How big"},)"
               R"("extra":{"type":"number","description":"More"}},)"
               R"("required":["name","extra"],"additionalProperties":false}})",
               tool(
                   [](Plugin& plugin)
                   {
                       plugin.tool("greet", "Greets")
                           .param<std::string>("name", "Whom")
                           .param<int>("times", "How often", defaultTo(1), range(1, 10))
                           .param<std::optional<Size>>("size", "How big")
                           .param<double>("extra", "More")
                           .handle([](std::string, int, std::optional<Size>, double) {});
                   }));
    }

    void everyOption()
    {
        expect(
            R"({"name":"t","inputSchema":{"type":"object","properties":{)"
            R"("a":{"type":"string","pattern":"^x","format":"email","title":"A","x-mcp-header":"Region"},)"
            R"("b":{"type":"integer","maximum":2147483647,"minimum":1},)"
            R"("c":{"type":"integer","minimum":-2147483648,"maximum":9,"multipleOf":3},)"
            R"("d":{"type":"string","enum":["x","y"]},)"
            R"("e":{"type":"array","items":{"type":"integer","minimum":-2147483648,"maximum":2147483647},)"
            R"("minItems":1,"maxItems":2},)"
            R"("f":{"type":"string","minLength":2},"g":{"type":"string","maxLength":3},)"
            R"("h":{"type":"string","enum":["small","large"],"default":"large"},)"
            R"("i":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"j":{"type":"integer","minimum":1,"maximum":5},)"
            R"("k":{"type":"integer","minimum":2}},"required":["a","b","c","d","e","f","g","j"],)"
            R"("additionalProperties":false}})",
            tool(
                [](Plugin& plugin)
                {
                    plugin.tool("t", "")
                        .param<std::string>("a", "", pattern("^x"), format("email"), title("A"), header("Region"))
                        .param<int>("b", "", atLeast(1))
                        .param<int>("c", "", atMost(9), keyword("multipleOf", 3))
                        .param<std::string>("d", "", oneOf("x", "y"))
                        .param<std::vector<int>>("e", "", items(1, 2))
                        .param<std::string>("f", "", minLength(2))
                        .param<std::string>("g", "", maxLength(3))
                        .param<Size>("h", "", defaultTo(Size::Large))
                        .param<int>("i", "", notRequired())
                        .param<unsigned>("j", "", range(1, 5)) // its own lower bound instead of the type's
                        .param<std::optional<std::uint64_t>>("k", "", atLeast(2))
                        .handle([](auto&&...) {});
                }));
    }

    void toolWithoutParameters()
    {
        expect(
            R"({"name":"t","description":"x","inputSchema":{"type":"object","properties":{},"additionalProperties":false}})",
            tool([](Plugin& plugin) { plugin.tool("t", "x").handle([](Call&) {}); }));
    }

    void typesFromTheFunction()
    {
        const std::string byHand = tool(
            [](Plugin& p)
            {
                p.tool("t", "x")
                    .param<std::string>("name", "Whom")
                    .param<int>("times", "How often", range(1, 10), defaultTo(1))
                    .param<std::optional<std::vector<Colour>>>("likes", "What")
                    .annotations(readOnly())
                    .timeout(std::chrono::seconds(2))
                    .handle([](Call&, const std::string&, int, std::optional<std::vector<Colour>>) {});
            });
        expect(byHand,
               tool(
                   [](Plugin& p)
                   {
                       p.tool(
                            "t", "x", [](Call&, const std::string&, int, const std::optional<std::vector<Colour>>&) {},
                            arg("name", "Whom"), arg("times", "How often", range(1, 10)) = 1, arg("likes", "What"))
                           .annotations(readOnly())
                           .timeout(std::chrono::seconds(2));
                   }));
        const std::string ofAStruct =
            tool([](Plugin& plugin) { plugin.tool("t", "x").arguments<Address>().handle([](Address) {}); });
        expect(ofAStruct, tool([](Plugin& plugin) { plugin.tool("t", "x", [](const Address&) {}); }));
        expect(R"({"name":"t","description":"x","inputSchema":{"type":"object","properties":{}}})",
               tool([](Plugin& plugin) { plugin.tool("t", "x", [](Value) {}); }));
        expect(R"({"name":"t","description":"x","inputSchema":{"type":"object","properties":{},)"
               R"("additionalProperties":false}})",
               tool([](Plugin& plugin) { plugin.tool("t", "x", [](AsyncCall call) { call.finish(); }); }));
    }

    void toolOfAStruct()
    {
        expect(R"({"name":"t","description":"x","inputSchema":{"type":"object","properties":{)"
               R"("city":{"type":"string","description":"The city"},"street":{"type":"string"}},)"
               R"("required":["city"],"additionalProperties":false}})",
               tool([](Plugin& plugin) { plugin.tool("t", "x").arguments<Address>().handle([](Address) {}); }));
    }

    void ownSchema()
    {
        expect(R"({"name":"t","description":"x","inputSchema":{"type":"object","minProperties":1},)"
               R"("outputSchema":{"type":"object"}})",
               tool(
                   [](Plugin& plugin)
                   {
                       plugin.tool("t", "x")
                           .inputSchema(R"({"type":"object","minProperties":1})")
                           .outputSchema(R"({"type":"object"})")
                           .handle([](Value) { return Json{"{}"}; });
                   }));
        expect(R"({"name":"t","description":"x","inputSchema":{"type":"object","properties":{}}})",
               tool([](Plugin& plugin) { plugin.tool("t", "x").handle([](Call&, Value) {}); }));
    }

    void outputOfATypedResult()
    {
        const std::string expected = R"("outputSchema":{"type":"object","properties":{"name":{"type":"string",)"
                                     R"("description":"Your name"}},"required":["name"]})";
        const std::string typed = tool([](Plugin& plugin) { plugin.tool("t", "x").handle([] { return Name(); }); });
        CPPUNIT_ASSERT(typed.find(expected) != std::string::npos);
        const std::string declared =
            tool([](Plugin& plugin) { plugin.tool("t", "x").output<Name>().handle([] { return Result("x"); }); });
        CPPUNIT_ASSERT(declared.find(expected) != std::string::npos);
        const std::string text = tool([](Plugin& plugin) { plugin.tool("t", "x").handle([] { return "x"; }); });
        CPPUNIT_ASSERT(text.find("outputSchema") == std::string::npos);
        const std::string list =
            tool([](Plugin& plugin) { plugin.tool("t", "x").handle([] { return std::vector<int>(); }); });
        CPPUNIT_ASSERT(
            list.find(
                R"("outputSchema":{"type":"array","items":{"type":"integer","minimum":-2147483648,"maximum":2147483647}})") !=
            std::string::npos);
    }

    void hostOnlyMembers()
    {
        expect(R"({"name":"t","description":"x","annotations":{"readOnlyHint":true,"openWorldHint":false},)"
               R"("inputSchema":{"type":"object","properties":{},"additionalProperties":false},)"
               R"("execution":{"taskSupport":"optional"},)"
               R"("tenon":{"concurrency":"session","task":"on-demand","maxConcurrent":4,"timeoutMs":2500}})",
               tool(
                   [](Plugin& plugin)
                   {
                       plugin.tool("t", "x")
                           .annotations(readOnly(), openWorld(false))
                           .concurrency(Concurrency::Session)
                           .maxConcurrent(4)
                           .timeout(std::chrono::milliseconds(2500))
                           .taskSupport(TaskSupport::Optional)
                           .taskOnDemand()
                           .handle([] {});
                   }));
    }

    void metadata()
    {
        expect(
            R"({"name":"t","title":"The \"tool\"","description":"x",)"
            R"("icons":[{"src":"https://example.com/a.png","mimeType":"image/png","sizes":["48x48"],"theme":"dark"}],)"
            R"("_meta":{"com.example/a":1},"inputSchema":{"type":"object","properties":{},"additionalProperties":false}})",
            tool(
                [](Plugin& plugin)
                {
                    plugin.tool("t", "x")
                        .title("The \"tool\"")
                        .icon({"https://example.com/a.png", "image/png", {"48x48"}, "dark"})
                        .meta(Json{R"({"com.example/a":1})"})
                        .handle([] {});
                }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaTest);

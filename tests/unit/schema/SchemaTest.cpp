#include "Json.h"
#include "support/Allocations.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

namespace tenon::schema::test
{

/// What the official suite leaves open; it covers the keywords (tests/conformance/json-schema).
class SchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchemaTest);
    CPPUNIT_TEST(testOrdinaryTool);
    CPPUNIT_TEST(testValidValueAllocatesNothing);
    CPPUNIT_TEST(testDialects);
    CPPUNIT_TEST(testOutlivesItsText);
    CPPUNIT_TEST(testManyProperties);
    CPPUNIT_TEST(testManyEvaluatedProperties);
    CPPUNIT_TEST(testDoubledMembersAreAllChecked);
    CPPUNIT_TEST(testExactIntegers);
    CPPUNIT_TEST(testMetaSchemasAreKnown);
    CPPUNIT_TEST(testOwnDefinitionsInDraft07);
    CPPUNIT_TEST(testFailedAlternativeMarksNothing);
    CPPUNIT_TEST(testManyThreads);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* TOOL = R"({"type":"object","properties":{"text":{"type":"string"}},"required":["text"],
                                            "additionalProperties":false})";

    static std::string object(const std::string& members) { return "{" + members + "}"; }

    void testOrdinaryTool()
    {
        const auto schema = Schema::compile(TOOL);
        CPPUNIT_ASSERT(isValid(*schema, R"({"text":"hello"})"));
        CPPUNIT_ASSERT(!isValid(*schema, R"({"text":1})"));
        CPPUNIT_ASSERT(!isValid(*schema, "{}"));
        CPPUNIT_ASSERT(!isValid(*schema, R"({"text":"hello","more":1})"));
        CPPUNIT_ASSERT(!isValid(*schema, "[]"));
    }

    void testValidValueAllocatesNothing()
    {
        const auto schema = Schema::compile(
            R"({"type":"object","properties":{"text":{"type":"string","minLength":1,"maxLength":100},"unit":{"enum":["C","F"]},
                "n":{"anyOf":[{"type":"integer"},{"type":"null"}]},"list":{"type":"array","items":{"$ref":"#/$defs/e"},"uniqueItems":true}},
                "required":["text"],"unevaluatedProperties":false,"$defs":{"e":{"type":"number","multipleOf":0.5}}})");
        const Json instance(R"({"text":"hello","unit":"F","n":null,"list":[1,2.5,3]})");
        const tests::AllocationCounter counter;
        const bool valid = schema->validate(instance.root());
        const std::size_t counted = counter.count();
        CPPUNIT_ASSERT(valid);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), counted);
        Schema::compile(TOOL);
        CPPUNIT_ASSERT(counter.count() > 0 || !tests::AllocationCounter::COUNTS);
    }

    void testDialects()
    {
        CPPUNIT_ASSERT(Schema::compile("{}")->dialect() == Dialect::DRAFT_2020_12);
        for (const char* uri : {"http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-07/schema",
                                "https://json-schema.org/draft-07/schema#"})
        {
            const auto schema = Schema::compile("{\"$schema\":\"" + std::string(uri) +
                                                "\",\"items\":[{\"type\":\"string\"}],\"additionalItems\":false}");
            CPPUNIT_ASSERT(schema->dialect() == Dialect::DRAFT_07);
            CPPUNIT_ASSERT(isValid(*schema, R"(["a"])"));
            CPPUNIT_ASSERT(!isValid(*schema, R"(["a","b"])"));
        }
        CPPUNIT_ASSERT(Schema::compile("true")->dialect() == Dialect::DRAFT_2020_12);
    }

    void testOutlivesItsText()
    {
        auto text = std::make_unique<std::string>(R"({"enum":["a long enough string to be allocated",{"k":["v"]}]})");
        const auto schema = Schema::compile(*text);
        text->assign(text->size(), 'x');
        text.reset();
        CPPUNIT_ASSERT(isValid(*schema, "\"a long enough string to be allocated\""));
        CPPUNIT_ASSERT(isValid(*schema, R"({"k":["v"]})"));
        CPPUNIT_ASSERT(!isValid(*schema, "\"b\""));
    }

    /// More than the 64 names that have a bit.
    void testManyProperties()
    {
        std::string properties;
        std::string required;
        std::string members;
        for (int i = 0; i < 300; ++i)
        {
            const std::string name = "\"property" + std::to_string(i) + "\"";
            properties += (i == 0 ? "" : ",") + name + ":{\"type\":\"integer\"}";
            required += (i == 0 ? "" : ",") + name;
            members += (i == 0 ? "" : ",") + name + ":1";
        }
        const auto schema = Schema::compile("{\"properties\":{" + properties + "},\"required\":[" + required +
                                            "],\"additionalProperties\":false}");
        CPPUNIT_ASSERT(isValid(*schema, "{" + members + "}"));
        CPPUNIT_ASSERT(!isValid(*schema, object(members.substr(0, members.rfind(',')))));
        CPPUNIT_ASSERT(!isValid(*schema, "{" + members + ",\"other\":1}"));
        members.back() = 't';
        CPPUNIT_ASSERT(!isValid(*schema, "{" + members + "rue}"));
    }

    /// More than the 256 places that need no allocation.
    void testManyEvaluatedProperties()
    {
        const auto schema =
            Schema::compile(R"({"allOf":[{"patternProperties":{"^a":true}}],"unevaluatedProperties":false})");
        std::string members;
        for (int i = 0; i < 1000; ++i)
            members += "\"a" + std::to_string(i) + "\":1,";
        CPPUNIT_ASSERT(isValid(*schema, "{" + members + "\"a\":1}"));
        CPPUNIT_ASSERT(!isValid(*schema, "{" + members + "\"b\":1}"));
    }

    void testDoubledMembersAreAllChecked()
    {
        CPPUNIT_ASSERT(!isValid(TOOL, R"({"text":"a","text":1})"));
        CPPUNIT_ASSERT(!isValid(TOOL, R"({"text":1,"text":"a"})"));
    }

    void testExactIntegers()
    {
        CPPUNIT_ASSERT(!isValid(R"({"maximum":9007199254740992})", "9007199254740993"));
        CPPUNIT_ASSERT(isValid(R"({"maximum":18446744073709551615})", "18446744073709551615"));
        CPPUNIT_ASSERT(!isValid(R"({"const":9007199254740993})", "9007199254740992"));
        CPPUNIT_ASSERT(isValid(R"({"const":1})", "1.0"));
        CPPUNIT_ASSERT(isValid(R"({"type":"integer"})", "1e2"));
        CPPUNIT_ASSERT(!isValid(R"({"uniqueItems":true})", "[1,1.0]"));
        CPPUNIT_ASSERT(isValid(R"({"uniqueItems":true})", "[1,true,\"1\",[1]]"));
    }

    void testMetaSchemasAreKnown()
    {
        const auto modern = Schema::compile(R"({"$ref":"https://json-schema.org/draft/2020-12/schema"})");
        CPPUNIT_ASSERT(isValid(*modern, R"({"type":"string"})"));
        CPPUNIT_ASSERT(!isValid(*modern, R"({"properties":{"a":{"type":"strnig"}}})"));
        const auto older = Schema::compile(R"({"$ref":"http://json-schema.org/draft-07/schema#"})");
        CPPUNIT_ASSERT(isValid(*older, R"({"items":[{}]})"));
        CPPUNIT_ASSERT(!isValid(*older, R"({"items":[5]})"));
        CPPUNIT_ASSERT(isValid(R"({"$ref":"https://json-schema.org/draft/2020-12/meta/validation#/$defs/simpleTypes"})",
                               "\"array\""));
        Violation violation;
        const Json instance(R"({"minimum":"1"})");
        CPPUNIT_ASSERT(!modern->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(
            std::string("https://json-schema.org/draft/2020-12/meta/validation#/properties/minimum/type"),
            violation.schemaPath);
    }

    /// Generators write draft-07 with `$defs`, which it does not have: a reference there works all the same.
    void testOwnDefinitionsInDraft07()
    {
        const auto schema = Schema::compile(R"({"$schema":"http://json-schema.org/draft-07/schema#",
            "properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"integer"}}})");
        CPPUNIT_ASSERT(isValid(*schema, R"({"a":1})"));
        CPPUNIT_ASSERT(!isValid(*schema, R"({"a":"1"})"));
    }

    void testFailedAlternativeMarksNothing()
    {
        const char* const schema = R"({"anyOf":[{"properties":{"a":true},"required":["x"]},{"properties":{"b":true}}],
                                       "unevaluatedProperties":false})";
        CPPUNIT_ASSERT(isValid(schema, R"({"b":1})"));
        CPPUNIT_ASSERT(!isValid(schema, R"({"a":1,"b":1})"));
        CPPUNIT_ASSERT(!isValid(schema, R"({"a":1,"x":1})"));
        CPPUNIT_ASSERT(
            !isValid(R"({"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false})", R"({"a":1})"));
    }

    void testManyThreads()
    {
        const auto schema = Schema::compile(
            R"({"properties":{"a":{"pattern":"^(x|y)+z$"},"b":{"$ref":"#"}},"additionalProperties":false})");
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(
                [&]
                {
                    const Json valid(R"({"a":"xyxyz","b":{"a":"z y xz"}})");
                    const Json invalid(R"({"a":"xyxy","b":{"c":1}})");
                    for (int n = 0; n < 200; ++n)
                    {
                        wrong += schema->validate(invalid.root()) ? 1 : 0;
                        wrong += schema->violations(invalid.root()).size() == 2 ? 0 : 1;
                        wrong += schema->validate(valid.root()) ? 1 : 0;
                    }
                });
        for (std::thread& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaTest);

} // namespace tenon::schema::test

#include "Json.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

/// The wording of violations, which models read.
class ExplainerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExplainerTest);
    CPPUNIT_TEST(testNumbers);
    CPPUNIT_TEST(testTypes);
    CPPUNIT_TEST(testChoices);
    CPPUNIT_TEST(testMissingProperty);
    CPPUNIT_TEST(testUnknownProperty);
    CPPUNIT_TEST(testUnknownPropertyFarFromAll);
    CPPUNIT_TEST(testUnevaluatedProperty);
    CPPUNIT_TEST(testForbiddenProperty);
    CPPUNIT_TEST(testStrings);
    CPPUNIT_TEST(testArrays);
    CPPUNIT_TEST(testContains);
    CPPUNIT_TEST(testPropertyNames);
    CPPUNIT_TEST(testDependencies);
    CPPUNIT_TEST(testAlternativesOfTypes);
    CPPUNIT_TEST(testAlternativeMeantByItsTag);
    CPPUNIT_TEST(testAlternativesInShort);
    CPPUNIT_TEST(testSeveralAlternatives);
    CPPUNIT_TEST(testNot);
    CPPUNIT_TEST(testPathsOfViolation);
    CPPUNIT_TEST(testPathsAreEscaped);
    CPPUNIT_TEST(testSeveralViolations);
    CPPUNIT_TEST(testLongValuesAreCut);
    CPPUNIT_TEST(testFormat);
    CPPUNIT_TEST_SUITE_END();

    static void assertSays(const char* expected, std::string_view schema, std::string_view instance)
    {
        CPPUNIT_ASSERT_EQUAL(std::string(expected), messages(schema, instance));
    }

    void testNumbers()
    {
        assertSays("/count must be at most 10, but is 12", R"({"properties":{"count":{"maximum":10}}})",
                   R"({"count":12})");
        assertSays("the value must be at least 1.5, but is 1", R"({"minimum":1.5})", "1");
        assertSays("the value must be greater than 0, but is 0", R"({"exclusiveMinimum":0})", "0");
        assertSays("the value must be less than 10, but is 10", R"({"exclusiveMaximum":10})", "10.0");
        assertSays("the value must be a multiple of 0.5, but is 0.7", R"({"multipleOf":0.5})", "0.7");
    }

    void testTypes()
    {
        assertSays("/a must be an integer, but is a string (\"12\")", R"({"properties":{"a":{"type":"integer"}}})",
                   R"({"a":"12"})");
        assertSays("the value must be an integer, but is a number (1.5)", R"({"type":"integer"})", "1.5");
        assertSays("the value must be an object, but is an array", R"({"type":"object"})", "[]");
        assertSays("the value must be a string or null, but is a boolean (true)", R"({"type":["null","string"]})",
                   "true");
    }

    void testChoices()
    {
        assertSays("the value must be one of \"C\", \"F\", 3, null, but is \"K\"", R"({"enum":["C","F",3,null]})",
                   "\"K\"");
        assertSays("the value must be {\"a\":1}, but is {\"a\":2}", R"({"const":{"a":1}})", R"({"a":2})");
    }

    void testMissingProperty()
    {
        assertSays("missing required property 'path' (string: the file to read)",
                   R"({"properties":{"path":{"type":"string","description":"the file to read"}},"required":["path"]})",
                   "{}");
        assertSays("/o is missing the required property 'n' (one of 1, 2)",
                   R"({"properties":{"o":{"properties":{"n":{"enum":[1,2]}},"required":["n"]}}})", R"({"o":{}})");
        assertSays("missing required property 'x'", R"({"required":["x"]})", "{}");
        assertSays("missing required property 'r' (integer: mine)",
                   R"({"properties":{"r":{"$ref":"#/$defs/d","description":"mine"}},"required":["r"],
                       "$defs":{"d":{"type":"integer","description":"theirs"}}})",
                   "{}");
    }

    void testUnknownProperty()
    {
        const char* const schema = R"({"properties":{"filePath":{},"text":{}},"additionalProperties":false})";
        assertSays("unknown property 'file_path', did you mean 'filePath'?", schema, R"({"file_path":1})");
        assertSays("unknown property 'txet', did you mean 'text'?", schema, R"({"txet":1})");
        const Json instance(R"({"txt":1})");
        Violation violation;
        CPPUNIT_ASSERT(!Schema::compile(schema)->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("/txt"), violation.instancePath);
        CPPUNIT_ASSERT_EQUAL(std::string("additionalProperties"), violation.keyword);
        CPPUNIT_ASSERT_EQUAL(std::string("#/additionalProperties"), violation.schemaPath);
    }

    void testUnknownPropertyFarFromAll()
    {
        assertSays("unknown property 'zzz' (known: 'alpha' and 'beta')",
                   R"({"properties":{"alpha":{},"beta":{}},"additionalProperties":false})", R"({"zzz":1})");
        assertSays("/o has the unknown property 'x' (no properties are allowed)",
                   R"({"properties":{"o":{"additionalProperties":false}}})", R"({"o":{"x":1}})");
    }

    void testUnevaluatedProperty()
    {
        assertSays(
            "unknown property 'alpah', did you mean 'alpha'?",
            R"({"allOf":[{"$ref":"#/$defs/a"}],"unevaluatedProperties":false,"$defs":{"a":{"properties":{"alpha":true}}}})",
            R"({"alpah":1})");
    }

    void testForbiddenProperty()
    {
        assertSays("the property 'x' is not allowed", R"({"properties":{"x":false}})", R"({"x":1})");
        assertSays("the value is not allowed: the schema here is false", "false", "1");
    }

    void testStrings()
    {
        assertSays("the value must have at most 3 characters, but has 4", R"({"maxLength":3})",
                   "\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"");
        assertSays("the value must have 2 to 3 characters, but has 1", R"({"minLength":2,"maxLength":3})", "\"a\"");
        assertSays("the value must match the pattern ^[a-z]+$, but is \"A1\"", R"({"pattern":"^[a-z]+$"})", "\"A1\"");
    }

    void testArrays()
    {
        assertSays("/t must have at least 1 item, but has 0", R"({"properties":{"t":{"minItems":1}}})", R"({"t":[]})");
        assertSays("the value must have no equal items, but items 0 and 2 are equal", R"({"uniqueItems":true})",
                   "[1,2,1.0]");
        assertSays("/1 must be a string, but is an integer (5)", R"({"items":{"type":"string"}})", R"(["a",5])");
        assertSays("the value must have at most 1 item, but has 3", R"({"prefixItems":[true],"items":false})",
                   "[1,2,3]");
        assertSays("the value must have at most 1 item, but has 3",
                   R"({"prefixItems":[true],"unevaluatedItems":false})", "[1,2,3]");
    }

    void testContains()
    {
        assertSays("the value must contain at least 1 item matching {\"type\":\"integer\"}, but contains 0",
                   R"({"contains":{"type":"integer"}})", R"(["a"])");
        assertSays("the value must contain exactly 1 item matching {\"const\":1}, but contains 2 or more",
                   R"({"contains":{"const":1},"maxContains":1})", "[1,1,1]");
    }

    void testPropertyNames()
    {
        assertSays("the property name 'abc' of /o must have at most 2 characters, but has 3",
                   R"({"properties":{"o":{"propertyNames":{"maxLength":2}}}})", R"({"o":{"abc":1}})");
    }

    void testDependencies()
    {
        assertSays("missing property 'b', which is required because 'a' is given",
                   R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})");
    }

    void testAlternativesOfTypes()
    {
        assertSays("the value must be a string or null, but is an integer (5)",
                   R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "5");
    }

    void testAlternativeMeantByItsTag()
    {
        assertSays("/y must be an integer, but is a string (\"q\")",
                   R"({"oneOf":[{"properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},
                                {"properties":{"kind":{"const":"b"},"y":{"type":"integer"}},"required":["kind","y"]}]})",
                   R"({"kind":"b","y":"q"})");
    }

    void testAlternativesInShort()
    {
        assertSays(
            "the value matches none of 2 alternatives: missing required property 'a'; or missing required property 'b'",
            R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})", "{}");
        // A third one that is less likely does not decide between the other two.
        assertSays(
            "the value matches none of 3 alternatives: missing required property 'a'; or missing required property "
            "'b'; or the value must be a string, but is an object",
            R"({"anyOf":[{"required":["a"]},{"required":["b"]},{"type":"string"}]})", "{}");
    }

    void testSeveralAlternatives()
    {
        assertSays("the value must match exactly one of 3 alternatives, but matches numbers 1 and 3",
                   R"({"oneOf":[{"type":"integer"},{"type":"null"},{"minimum":0}]})", "1");
    }

    void testNot()
    {
        assertSays("the value must not match {\"type\":\"string\"}", R"({"not":{"type":"string"}})", "\"x\"");
    }

    void testPathsOfViolation()
    {
        Violation violation;
        const Json instance(R"({"list":[{"a":1},{"a":"x"}]})");
        const auto schema = Schema::compile(
            R"({"properties":{"list":{"items":{"$ref":"#/$defs/e"}}},"$defs":{"e":{"properties":{"a":{"type":"integer"}}}}})");
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("/list/1/a"), violation.instancePath);
        CPPUNIT_ASSERT_EQUAL(std::string("type"), violation.keyword);
        CPPUNIT_ASSERT_EQUAL(std::string("#/$defs/e/properties/a/type"), violation.schemaPath);
        CPPUNIT_ASSERT(!schema->validate(instance.root()));
    }

    void testPathsAreEscaped()
    {
        Violation violation;
        const Json instance(R"({"a/b~":1})");
        CPPUNIT_ASSERT(
            !Schema::compile(R"({"properties":{"a/b~":{"type":"null"}}})")->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("/a~1b~0"), violation.instancePath);
        CPPUNIT_ASSERT_EQUAL(std::string("#/properties/a~1b~0/type"), violation.schemaPath);
    }

    void testSeveralViolations()
    {
        const auto schema = Schema::compile(R"({"items":{"type":"string"}})");
        const Json instance("[1,2,3,4]");
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), schema->violations(instance.root()).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), schema->violations(instance.root(), 2).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), schema->violations(instance.root(), 0).size());
        CPPUNIT_ASSERT_EQUAL(
            std::string("/0 must be a string, but is an integer (1)\n/1 must be a string, but is an integer (2)"),
            render(schema->violations(instance.root(), 2)));
    }

    void testLongValuesAreCut()
    {
        const std::string text = messages(R"({"type":"null"})", "\"" + std::string(10000, 'a') + "\"");
        CPPUNIT_ASSERT(text.size() < 200);
        CPPUNIT_ASSERT(contains(text, "aaa..."));
    }

    void testFormat()
    {
        const auto schema = Schema::compile(R"({"format":"date-time"})", {}, FormatMode::ASSERTION);
        const Json instance("\"yesterday\"");
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "the value must be a date-time of RFC 3339, such as 2026-07-28T12:00:00Z, but is \"yesterday\""),
            render(schema->violations(instance.root())));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExplainerTest);

} // namespace tenon::schema::test

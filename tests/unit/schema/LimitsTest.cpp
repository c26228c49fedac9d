#include "Json.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

class LimitsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LimitsTest);
    CPPUNIT_TEST(testTextBytes);
    CPPUNIT_TEST(testDepthOfSchema);
    CPPUNIT_TEST(testSubschemas);
    CPPUNIT_TEST(testThousandLevels);
    CPPUNIT_TEST(testEvaluationDepth);
    CPPUNIT_TEST(testDeepestEvaluationFitsTheStack);
    CPPUNIT_TEST(testDynamicLoopEnds);
    CPPUNIT_TEST(testSteps);
    CPPUNIT_TEST(testExponentialSchemaEnds);
    CPPUNIT_TEST(testExhaustionInsideNotIsNoSuccess);
    CPPUNIT_TEST(testManyItemsAreCheckedForEquals);
    CPPUNIT_TEST_SUITE_END();

    static std::string repeat(std::string_view text, std::size_t count)
    {
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += text;
        return out;
    }

    static std::string ones(std::size_t count)
    {
        std::string out = "[1";
        for (std::size_t i = 1; i < count; ++i)
            out += ",1";
        return out += ']';
    }

    static std::string nested(std::size_t levels) { return repeat("{\"a\":", levels) + "1" + repeat("}", levels); }

    void testTextBytes()
    {
        Limits limits;
        limits.maxTextBytes = 10;
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal("{}", limits));
        CPPUNIT_ASSERT(contains(refusal(R"({"type":"null"})", limits), "has 15 bytes, the limit is 10"));
    }

    void testDepthOfSchema()
    {
        Limits limits;
        limits.maxDepth = 8;
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(repeat("{\"not\":", 8) + "true" + repeat("}", 8), limits));
        CPPUNIT_ASSERT(
            contains(refusal(repeat("{\"not\":", 9) + "true" + repeat("}", 9), limits), "more than 8 levels"));
        // Within the default as well, and far beyond it.
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(repeat("{\"not\":", 255) + "{}" + repeat("}", 255)));
        CPPUNIT_ASSERT(contains(refusal(repeat("{\"not\":", 100000) + "true" + repeat("}", 100000)), "levels deep"));
    }

    void testSubschemas()
    {
        Limits limits;
        limits.maxSubschemas = 3;
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(R"({"allOf":[{},{}]})", limits));
        CPPUNIT_ASSERT(contains(refusal(R"({"allOf":[{},{},{}]})", limits), "more than 3 subschemas"));
    }

    void testThousandLevels()
    {
        const auto schema = Schema::compile(
            R"({"type":["object","integer"],"properties":{"a":{"$ref":"#"}},"additionalProperties":false})");
        const Json valid(nested(1000));
        CPPUNIT_ASSERT(schema->validate(valid.root()));
        const Json invalid(repeat("{\"a\":", 1000) + "\"x\"" + repeat("}", 1000));
        Violation violation;
        CPPUNIT_ASSERT(!schema->validate(invalid.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2000), violation.instancePath.size());
        CPPUNIT_ASSERT_EQUAL(std::string("type"), violation.keyword);
    }

    void testEvaluationDepth()
    {
        Limits limits;
        limits.maxEvaluationDepth = 100;
        const auto schema = Schema::compile(R"({"type":["object","integer"],"properties":{"a":{"$ref":"#"}}})", limits);
        CPPUNIT_ASSERT(schema->validate(Json(nested(99)).root()));
        Violation violation;
        const Json instance(nested(100));
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("the value is nested too deep to be validated"), violation.message);
        CPPUNIT_ASSERT_EQUAL(std::string(), violation.keyword);
    }

    /// The longest way there is through the evaluator, at the default limit, quick and explaining.
    void testDeepestEvaluationFitsTheStack()
    {
        const auto schema = Schema::compile(
            R"({"anyOf":[{"oneOf":[{"properties":{"a":{"$ref":"#"}},"required":["a"],"unevaluatedProperties":false}]}],
                "unevaluatedProperties":false})");
        Violation violation;
        const Json instance(nested(4000));
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("the value is nested too deep to be validated"), violation.message);
        // The innermost level fails, and all levels around it are explained.
        const Json fits(repeat("{\"a\":", 800) + "{}" + repeat("}", 800));
        CPPUNIT_ASSERT(!schema->validate(fits.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("required"), violation.keyword);
    }

    void testDynamicLoopEnds()
    {
        const auto schema = Schema::compile(R"({"$dynamicAnchor":"x","$dynamicRef":"#x"})");
        Violation violation;
        const Json instance("1");
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT(contains(violation.message, "too deep"));
    }

    void testSteps()
    {
        Limits limits;
        limits.maxSteps = 100;
        const auto schema = Schema::compile(R"({"items":{"type":"integer"}})", limits);
        CPPUNIT_ASSERT(schema->validate(Json(ones(99)).root()));
        const Json instance(ones(100));
        Violation violation;
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("the value is too large or complex to be validated"), violation.message);
        CPPUNIT_ASSERT_EQUAL(violation.message, render(schema->violations(instance.root())));
    }

    void testExponentialSchemaEnds()
    {
        std::string definitions = R"("d0":{"type":"null"})";
        for (int i = 1; i <= 60; ++i)
        {
            const std::string before = "{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}";
            definitions += ",\"d" + std::to_string(i) + "\":{\"anyOf\":[" + before + "," + before + "]}";
        }
        const auto schema = Schema::compile("{\"$ref\":\"#/$defs/d60\",\"$defs\":{" + definitions + "}}");
        Violation violation;
        const Json instance("1");
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT(contains(violation.message, "too large or complex"));
        CPPUNIT_ASSERT(schema->validate(Json("null").root()));
    }

    void testExhaustionInsideNotIsNoSuccess()
    {
        Limits limits;
        limits.maxSteps = 20;
        const auto schema = Schema::compile(R"({"not":{"items":{"type":"integer"}}})", limits);
        CPPUNIT_ASSERT(!schema->validate(Json(ones(51)).root()));
        const auto condition = Schema::compile(R"({"if":{"items":{"type":"integer"}},"then":false})", limits);
        CPPUNIT_ASSERT(!condition->validate(Json(ones(51)).root()));
    }

    void testManyItemsAreCheckedForEquals()
    {
        const auto schema = Schema::compile(R"({"uniqueItems":true})");
        std::string items;
        for (int i = 0; i < 20000; ++i)
            items += "{\"n\":" + std::to_string(i) + "},";
        CPPUNIT_ASSERT(schema->validate(Json("[" + items + "0]").root()));
        const Json instance("[" + items + "{\"n\":7.0}]");
        Violation violation;
        CPPUNIT_ASSERT(!schema->validate(instance.root(), &violation));
        CPPUNIT_ASSERT_EQUAL(std::string("the value must have no equal items, but items 7 and 20000 are equal"),
                             violation.message);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LimitsTest);

} // namespace tenon::schema::test

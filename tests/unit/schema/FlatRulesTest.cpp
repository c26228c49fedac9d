#include "Json.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::schema::test
{

/// The short cut for flat schemas against the evaluator, which `violations` always asks.
class FlatRulesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FlatRulesTest);
    CPPUNIT_TEST(agreesWithTheEvaluator);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* SCHEMAS[] = {
        R"({"type":"object"})",
        R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}})",
        R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]})",
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a","b"],"additionalProperties":false})",
        R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{}},"additionalProperties":false})",
        R"({"type":"object","properties":{"a":true,"b":false}})",
        R"({"type":"object","properties":{"a":{"type":"string","minLength":2},"b":{"type":"number"}}})",
        R"({"type":"object","properties":{"a":{"type":"number"},"b":{"enum":[1,2]}},"minProperties":1})",
        R"({"type":"object","properties":{"a":{"type":"boolean"}},"additionalProperties":{"type":"string"}})",
        R"({"type":["object","array"],"properties":{"a":{"type":"array"},"b":{"type":"object"}}})",
        R"({"properties":{"a":{"type":"integer"}},"required":["b"]})",
        R"({"type":"object","properties":{"a":{"type":"integer"}},"dependentRequired":{"a":["b"]}})",
        R"({"type":"object","properties":{"a":{"type":"integer"}},"patternProperties":{"^b":{"type":"null"}}})",
        R"({"type":"object","properties":{"a":{"type":"string"}},"unevaluatedProperties":false})",
        R"({"type":"string"})",
        "true",
        "false",
    };
    static constexpr const char* VALUES[] = {
        "null",   "true",   "1",         "1.0", "1.5", R"("")", R"("text")", "[]", "{}", "-0.0", "18446744073709551615",
        R"("1")", R"([1])", R"({"a":1})"};

    void agreesWithTheEvaluator()
    {
        for (const char* text : SCHEMAS)
        {
            const auto schema = Schema::compile(text);
            const auto compare = [&](const std::string& value)
            {
                const Json instance(value);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(text) + " with " + value,
                                             schema->violations(instance.root()).empty(),
                                             schema->validate(instance.root()));
            };
            for (const std::string one : VALUES)
            {
                compare(one);
                compare(R"({"a":)" + one + "}");
                compare(R"({"c":)" + one + "}");
                compare(R"({"b":)" + one + R"(,"a":"text"})");
                compare(R"({"a":"text","a":)" + one + R"(,"b":2})");
                for (const std::string other : VALUES)
                    compare(R"({"a":)" + one + R"(,"b":)" + other + "}");
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FlatRulesTest);

} // namespace tenon::schema::test

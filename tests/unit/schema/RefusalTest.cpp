#include "Json.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

/// Schemas that are not compiled, and what their author is told.
class RefusalTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RefusalTest);
    CPPUNIT_TEST(testNotJson);
    CPPUNIT_TEST(testMisspelledType);
    CPPUNIT_TEST(testWrongKindOfKeyword);
    CPPUNIT_TEST(testNotASchema);
    CPPUNIT_TEST(testUnknownDialect);
    CPPUNIT_TEST(testUnresolvedReferences);
    CPPUNIT_TEST(testRemoteReference);
    CPPUNIT_TEST(testBrokenReferenceInUnusedDefinition);
    CPPUNIT_TEST(testReferenceToNonSchema);
    CPPUNIT_TEST(testBrokenSchemaUnderUnknownKeyword);
    CPPUNIT_TEST(testLoops);
    CPPUNIT_TEST(testDoubles);
    CPPUNIT_TEST(testPatterns);
    CPPUNIT_TEST(testExceptionKeepsItsType);
    CPPUNIT_TEST_SUITE_END();

    static void assertRefused(std::string_view schema, std::string_view part)
    {
        const std::string reason = refusal(schema);
        CPPUNIT_ASSERT_MESSAGE("'" + reason + "' for " + std::string(schema), contains(reason, part));
    }

    void testNotJson()
    {
        assertRefused("{\"a\":", "not JSON");
        assertRefused("", "not JSON");
        assertRefused(R"({"maximum":123456789012345678901234567890})", "not JSON");
    }

    void testMisspelledType()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "not a valid schema of 2020-12: /type must be one of \"array\", \"boolean\", \"integer\", \"null\", "
                "\"number\", \"object\", \"string\", but is \"strnig\""),
            refusal(R"({"type":"strnig"})"));
        assertRefused(R"({"$schema":"http://json-schema.org/draft-07/schema#","items":{"type":"strnig"}})",
                      "draft-07: /items/type must be one of");
        assertRefused(R"({"properties":{"a":{"anyOf":[{"type":["string","nil"]}]}}})",
                      "/properties/a/anyOf/0/type/1 must be");
    }

    void testWrongKindOfKeyword()
    {
        assertRefused(R"({"properties":{"a":{"minimum":"1"}}})",
                      "/properties/a/minimum must be a number, but is a string");
        assertRefused(R"({"properties":{"a":{"required":true}}})", "/properties/a/required must be an array");
        assertRefused(R"({"items":[{}]})", "/items must be a boolean or an object, but is an array");
        assertRefused(R"({"minLength":-1})", "/minLength must be at least 0, but is -1");
        assertRefused(R"({"multipleOf":0})", "/multipleOf must be greater than 0");
        assertRefused(R"({"exclusiveMinimum":true})", "/exclusiveMinimum must be a number");
        assertRefused(R"({"type":["string","string"]})", "items 0 and 1 are equal");
        assertRefused(R"({"allOf":[]})", "/allOf must have at least 1 item");
        assertRefused(R"({"$id":"a#b"})", "/$id must match the pattern");
    }

    void testNotASchema()
    {
        assertRefused("[]", "the schema must be a boolean or an object, but is an array");
        assertRefused("12", "the schema must be a boolean or an object");
        assertRefused(R"({"properties":{"a":5}})", "/properties/a must be a boolean or an object");
    }

    void testUnknownDialect()
    {
        assertRefused(
            R"({"$schema":"http://json-schema.org/draft-04/schema#"})",
            "draft-04/schema#', which is not supported; supported are https://json-schema.org/draft/2020-12/schema and "
            "http://json-schema.org/draft-07/schema#");
        assertRefused(R"({"$schema":7})", "#/$schema must be a string");
    }

    void testUnresolvedReferences()
    {
        assertRefused(R"({"properties":{"a":{"$ref":"#/$defs/x"}}})",
                      "#/properties/a/$ref cannot be resolved: '#/$defs/x'");
        assertRefused(R"({"$ref":"#x"})", "names an anchor that does not exist");
        assertRefused(R"({"$dynamicRef":"#x"})", "#/$dynamicRef cannot be resolved");
        assertRefused(R"({"$ref":"#/%zz"})", "broken percent-encoding");
        assertRefused(R"({"$ref":"https://json-schema.org/draft/2020-12/schema#/nowhere"})", "points to nothing");
    }

    void testRemoteReference()
    {
        assertRefused(R"({"$ref":"https://example.com/a.json"})", "never fetched");
        assertRefused(R"({"$ref":"file:///etc/passwd"})", "never fetched");
        assertRefused(R"({"$id":"https://example.com/a","$ref":"b"})", "never fetched");
    }

    void testBrokenReferenceInUnusedDefinition()
    {
        assertRefused(R"({"$defs":{"unused":{"items":{"$ref":"#/nope"}}}})", "#/$defs/unused/items/$ref");
    }

    void testReferenceToNonSchema() { assertRefused(R"({"$ref":"#/title","title":"x"})", "nothing that is a schema"); }

    void testBrokenSchemaUnderUnknownKeyword()
    {
        assertRefused(R"({"$ref":"#/x-mine","x-mine":{"type":"strnig"}})", "at #/x-mine: /type must be one of");
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(R"({"x-mine":{"type":"strnig"}})"));
    }

    void testLoops()
    {
        assertRefused(R"({"$ref":"#"})", "never end");
        assertRefused(R"({"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#"}]}}})", "leads back to #");
        assertRefused(R"({"dependentSchemas":{"a":{"$ref":"#"}}})", "never end");
        assertRefused(
            R"({"$schema":"http://json-schema.org/draft-07/schema","$ref":"#/definitions/a","definitions":{"a":{"$ref":"#"}}})",
            "never end");
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(R"({"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}})"));
    }

    void testDoubles()
    {
        assertRefused(R"({"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}})",
                      "#/$defs/b/$id is the same as that of #/$defs/a");
        assertRefused(R"({"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}})", "#/$defs/b has the anchor 'x'");
        assertRefused(R"({"properties":{"a":{"type":"string","type":"null"}}})",
                      "#/properties/a has the member 'type' twice");
        assertRefused(R"({"properties":{"a":{},"a":{}}})", "#/properties has the member 'a' twice");
    }

    void testPatterns()
    {
        assertRefused(R"json({"properties":{"a":{"pattern":"(?=x)"}}})json",
                      "#/properties/a/pattern \"(?=x)\" cannot be matched in linear time");
        assertRefused(R"json({"patternProperties":{"(":true}})json",
                      "#/patternProperties \"(\" is not a regular expression");
    }

    void testExceptionKeepsItsType()
    {
        try
        {
            Schema::compile("[]");
            CPPUNIT_FAIL("compiled");
        }
        catch (const Poco::DataFormatException& exc)
        {
            CPPUNIT_ASSERT_THROW(exc.rethrow(), SchemaException);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RefusalTest);

} // namespace tenon::schema::test

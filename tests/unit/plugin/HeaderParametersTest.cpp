#include "plugin/catalogue/HeaderParameters.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::plugin
{

class HeaderParametersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HeaderParametersTest);
    CPPUNIT_TEST(annotationsAreFoundWithTheirPaths);
    CPPUNIT_TEST(brokenRulesAreRefused);
    CPPUNIT_TEST(valuesAreNoSchemas);
    CPPUNIT_TEST_SUITE_END();

    static std::string read(const std::string& schema)
    {
        const auto document = base::JsonDocument::parse(schema);
        std::string found;
        for (const auto& parameter : headerParametersOf(document->root()))
        {
            found += parameter.header + ":";
            for (const auto& name : parameter.path)
                found += "/" + name;
            found += " ";
        }
        return found;
    }

    void annotationsAreFoundWithTheirPaths()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(""), read(R"({"type":"object"})"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("Region:/region Deep:/where/is/it "),
            read(R"({"properties":{"region":{"type":"string","x-mcp-header":"Region"},"where":{"type":"object",
                 "properties":{"is":{"properties":{"it":{"type":"integer","x-mcp-header":"Deep"}}}}}}})"));
    }

    void brokenRulesAreRefused()
    {
        const std::string string = R"("type":"string","x-mcp-header":"A")";
        for (const std::string& schema :
             {std::string(R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})"),
              std::string(R"({"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}})"),
              std::string(R"({"properties":{"a":{"x-mcp-header":"A"}}})"),
              std::string(R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})"),
              std::string(R"({"properties":{"a":{"type":"string","x-mcp-header":"A B"}}})"),
              std::string(R"({"properties":{"a":{"type":"string","x-mcp-header":"A\r\n"}}})"),
              std::string(R"({"properties":{"a":{"type":"string","x-mcp-header":7}}})"),
              R"({"properties":{"a":{)" + string + R"(},"b":{"type":"string","x-mcp-header":"a"}}})",
              R"({"properties":{"a":{"type":"array","items":{)" + string + "}}}}",
              R"({"anyOf":[{"properties":{"a":{)" + string + "}}}]}", R"({"properties":{"a":{"if":{)" + string + "}}}}",
              R"({"$defs":{"a":{)" + string + "}}}", R"({"$defs":{"properties":{)" + string + "}}}",
              R"({"additionalProperties":{)" + string + "}}", "{" + string + "}"})
            CPPUNIT_ASSERT_THROW_MESSAGE(schema, read(schema), Poco::DataFormatException);
    }

    void valuesAreNoSchemas()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(""),
            read(R"({"properties":{"a":{"default":{"x-mcp-header":7},"enum":[{"x-mcp-header":7}]}}})"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeaderParametersTest);

} // namespace tenon::plugin

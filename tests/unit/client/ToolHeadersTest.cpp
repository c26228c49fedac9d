#include "client/protocol/ToolHeaders.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;
using tenon::base::JsonDocument;

class ToolHeadersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ToolHeadersTest);
    CPPUNIT_TEST(mirrorsWhatIsMarked);
    CPPUNIT_TEST(refusesWhatBreaksTheRules);
    CPPUNIT_TEST(wrapsWhatWouldNotSurvive);
    CPPUNIT_TEST_SUITE_END();

    static std::string faultOf(const std::string& schema)
    {
        const auto document = JsonDocument::parse(schema);
        ToolHeaders headers;
        std::string fault;
        return headers.read(document->root(), fault) ? std::string() : fault;
    }

public:
    void mirrorsWhatIsMarked()
    {
        const auto schema = JsonDocument::parse(
            R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"integer","x-mcp-header":"B"},)"
            R"("c":{"type":"object","properties":{"d":{"type":"boolean","x-mcp-header":"D"}}},"e":{"type":"string"}}})");
        ToolHeaders headers;
        std::string fault, seen;
        CPPUNIT_ASSERT(headers.read(schema->root(), fault));
        for (const auto& [name, value] : headers.headersFor(R"({"a":"x y","b":-7,"c":{"d":false},"e":"no"})"))
            seen += name + '=' + value + ' ';
        CPPUNIT_ASSERT_EQUAL(std::string("Mcp-Param-A=x y Mcp-Param-B=-7 Mcp-Param-D=false "), seen);
        CPPUNIT_ASSERT(headers.headersFor(R"({"a":null,"c":5})").empty());
        CPPUNIT_ASSERT(headers.headersFor("").empty());
    }

    void refusesWhatBreaksTheRules()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(R"({"type":"object"})"));
        for (const char* property :
             {R"({"type":"string","x-mcp-header":""})", R"({"type":"string","x-mcp-header":"a b"})",
              R"({"type":"string","x-mcp-header":"a:b"})", R"({"type":"string","x-mcp-header":"é"})",
              R"({"type":"string","x-mcp-header":1})", R"({"type":"number","x-mcp-header":"A"})",
              R"({"type":"null","x-mcp-header":"A"})", R"({"x-mcp-header":"A"})",
              R"({"type":"array","items":{"type":"string","x-mcp-header":"A"}})",
              R"({"anyOf":[{"type":"string","x-mcp-header":"A"}]})"})
            CPPUNIT_ASSERT_MESSAGE(property, !faultOf(R"({"properties":{"p":)" + std::string(property) + "}}").empty());
        CPPUNIT_ASSERT(!faultOf(R"({"properties":{"p":{"type":"string","x-mcp-header":"Aa"},)"
                                R"("q":{"type":"string","x-mcp-header":"aA"}}})")
                            .empty());
    }

    void wrapsWhatWouldNotSurvive()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("us-west1"), headerValue("us-west1"));
        CPPUNIT_ASSERT_EQUAL(std::string(), headerValue(""));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?IHBhZGRlZCA=?="), headerValue(" padded "));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?bGluZTEKbGluZTI=?="), headerValue("line1\nline2"));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="), headerValue("=?base64?literal?="));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ToolHeadersTest);

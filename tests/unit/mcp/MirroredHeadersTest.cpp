#include "mcp/messages/MirroredHeaders.h"

#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;

class MirroredHeadersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MirroredHeadersTest);
    CPPUNIT_TEST(valuesAreDecodedStrictly);
    CPPUNIT_TEST(parametersMustAgree);
    CPPUNIT_TEST(numbersAreComparedAsNumbers);
    CPPUNIT_TEST(aNumberWithCommasIsAnotherValue);
    CPPUNIT_TEST(headersWithoutAValueAreRefused);
    CPPUNIT_TEST(nestedParametersAreFound);
    CPPUNIT_TEST(badCharactersAreRefused);
    CPPUNIT_TEST(legacyClientsSendNone);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.tool(R"({"name":"t","inputSchema":{"type":"object","properties":{
            "region":{"type":"string","x-mcp-header":"Region"},
            "count":{"type":"integer","x-mcp-header":"Count"},
            "on":{"type":"boolean","x-mcp-header":"On"},
            "deep":{"type":"object","properties":{"er":{"type":"string","x-mcp-header":"Deeper"}}}}}})",
                    saying("x"));
        server.publish();
    }

    void valuesAreDecodedStrictly()
    {
        const auto decoded = [](std::string_view value)
        {
            std::string text;
            return tenon::mcp::decodeHeaderValue(value, text) ? text : std::string("(refused)");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("plain"), decoded("plain"));
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"), decoded("=?base64?SGVsbG8=?="));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?SGVsbG8="), decoded("=?base64?SGVsbG8="));
        CPPUNIT_ASSERT_EQUAL(std::string("SGVsbG8="), decoded("SGVsbG8="));
        CPPUNIT_ASSERT_EQUAL(std::string("=?BASE64?SGVsbG8=?="), decoded("=?BASE64?SGVsbG8=?="));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?="), decoded("=?base64?="));
        CPPUNIT_ASSERT_EQUAL(std::string(), decoded("=?base64?\?="));
        CPPUNIT_ASSERT_EQUAL(std::string("=?base64?literal?="), decoded("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="));
        for (const char* bad : {"=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?SGVsbG9=?=",
                                "=?base64?====?=", "=?base64?S===?=", "=?base64?/w==?=", "=?base64?SGVs bG8=?="})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("(refused)"), decoded(bad));
    }

    void parametersMustAgree()
    {
        const std::string arguments = R"({"region":"eu","on":true})";
        CPPUNIT_ASSERT(accepts(arguments, {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-On", "true"}}));
        CPPUNIT_ASSERT(accepts(arguments, {{"mcp-param-REGION", "=?base64?ZXU=?="}, {"Mcp-Param-On", "true"}}));
        CPPUNIT_ASSERT(!accepts(arguments, {{"Mcp-Param-On", "true"}}));
        CPPUNIT_ASSERT(!accepts(arguments, {{"Mcp-Param-Region", "EU"}, {"Mcp-Param-On", "true"}}));
        CPPUNIT_ASSERT(!accepts(arguments, {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-On", "True"}}));
        CPPUNIT_ASSERT(!accepts(arguments, {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-On", "1"}}));
    }

    void numbersAreComparedAsNumbers()
    {
        for (const char* same : {"42", "42.0", "4.2e1"})
            CPPUNIT_ASSERT_MESSAGE(same, accepts(R"({"count":42})", {{"Mcp-Param-Count", same}}));
        for (const char* other : {"43", "x", "", "42 x", "0x2A"})
            CPPUNIT_ASSERT_MESSAGE(other, !accepts(R"({"count":42})", {{"Mcp-Param-Count", other}}));
        // Beyond what doubles tell apart only the same digits will do.
        CPPUNIT_ASSERT(accepts(R"({"count":9007199254740993})", {{"Mcp-Param-Count", "9007199254740993"}}));
        CPPUNIT_ASSERT(!accepts(R"({"count":9007199254740993})", {{"Mcp-Param-Count", "9007199254740992"}}));
    }

    void aNumberWithCommasIsAnotherValue()
    {
        CPPUNIT_ASSERT(!accepts(R"({"count":42})", {{"Mcp-Param-Count", "4,2"}}));
    }

    void headersWithoutAValueAreRefused()
    {
        CPPUNIT_ASSERT(accepts("{}", {}));
        CPPUNIT_ASSERT(!accepts("{}", {{"Mcp-Param-Region", "eu"}}));
        CPPUNIT_ASSERT(accepts("{}", {{"Mcp-Param-Unknown", "eu"}}));
    }

    void nestedParametersAreFound()
    {
        CPPUNIT_ASSERT(accepts(R"({"deep":{"er":"x"}})", {{"Mcp-Param-Deeper", "x"}}));
        CPPUNIT_ASSERT(!accepts(R"({"deep":{"er":"x"}})", {}));
        CPPUNIT_ASSERT(accepts(R"({"deep":{}})", {}));
    }

    void badCharactersAreRefused()
    {
        for (const std::string& bad : {std::string("e\x01u"), std::string("\xC3\xA4"), std::string("e\x7Fu")})
            CPPUNIT_ASSERT(!accepts("{\"region\":\"" + std::string(bad == "\xC3\xA4" ? bad : "eu") + "\"}",
                                    {{"Mcp-Param-Region", bad}}));
    }

    void legacyClientsSendNone()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("\"x\""),
                             at(LegacyClient(server).answer("tools/call", R"("name":"t","arguments":{"region":"eu"})"),
                                "/result/content/0/text"));
    }

private:
    bool accepts(const std::string& arguments, std::initializer_list<std::pair<const std::string, std::string>> headers)
    {
        auto all = TestServer::modernHeaders("tools/call", "t");
        for (const auto& [name, value] : headers)
            all.set(name, value);
        const auto kind =
            server.send(TestServer::modernBody("tools/call", "\"name\":\"t\",\"arguments\":" + arguments, {}), all)
                ->error();
        CPPUNIT_ASSERT(kind == ErrorKind::NONE || kind == ErrorKind::HEADER_MISMATCH);
        return kind == ErrorKind::NONE;
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(MirroredHeadersTest);

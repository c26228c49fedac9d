#include "client/protocol/Forms.h"
#include "client/protocol/MessageText.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;
using tenon::base::JsonDocument;

class FormsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FormsTest);
    CPPUNIT_TEST(fillsInDefaults);
    CPPUNIT_TEST(declaresItselfInTheWordsOfTheRevision);
    CPPUNIT_TEST(mergesMeta);
    CPPUNIT_TEST_SUITE_END();

public:
    void fillsInDefaults()
    {
        const auto schema = JsonDocument::parse(
            R"({"properties":{"a":{"default":"x"},"b":{"default":false},"c":{"type":"string"},"d":{"default":["y"]}}})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"b":true,"a":"x","d":["y"]})"),
                             withDefaults(schema->root(), R"({"b":true})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":"x","b":false,"d":["y"]})"), withDefaults(schema->root(), ""));
        CPPUNIT_ASSERT_THROW((void)withDefaults(schema->root(), "[]"), Poco::DataFormatException);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"action":"accept"})"), acceptedForm(""));
    }

    void declaresItselfInTheWordsOfTheRevision()
    {
        const Abilities all{true, true, true, true, true};
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"sampling":{},"roots":{"listChanged":true}})"),
                             capabilitiesText(all, "2025-03-26"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"elicitation":{},"sampling":{},"roots":{"listChanged":true}})"),
                             capabilitiesText(all, "2025-06-18"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{},)"
                                         R"("extensions":{"io.modelcontextprotocol/tasks":{}}})"),
                             capabilitiesText(all, "2026-07-28"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), capabilitiesText({}, "2026-07-28"));
    }

    void mergesMeta()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","id":1,"method":"m"})"), requestText("1", "m", "", ""));
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"_meta":{"x":1,"y":3}}})"),
            requestText("1", "m", R"({"_meta":{"x":1,"y":2},"a":1})", R"({"y":3})"));
        CPPUNIT_ASSERT_THROW((void)requestText("1", "m", "[]", ""), Poco::DataFormatException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormsTest);

#include "base/json/JsonMembers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::base
{

class JsonMembersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonMembersTest);
    CPPUNIT_TEST(membersAreFoundHoweverManyThereAre);
    CPPUNIT_TEST(theFirstOfTwoCounts);
    CPPUNIT_TEST(whatIsNoObjectHasNone);
    CPPUNIT_TEST_SUITE_END();

    void membersAreFoundHoweverManyThereAre()
    {
        std::string text = "{";
        for (int count = 0; count < 20; ++count)
        {
            const auto document = JsonDocument::parse(text + '}');
            const JsonMembers members(document->root());
            CPPUNIT_ASSERT(members.present());
            JsonDocument::Element value;
            for (int at = 0; at < 22; ++at)
            {
                const std::string name = "member" + std::to_string(at);
                CPPUNIT_ASSERT_EQUAL(at < count, members.find(name, value));
                CPPUNIT_ASSERT_EQUAL(at < count ? "v" + std::to_string(at) : std::string(),
                                     std::string(members.text(name)));
            }
            text += (count ? ",\"member" : "\"member") + std::to_string(count) + "\":\"v" + std::to_string(count) + '"';
        }
    }

    void theFirstOfTwoCounts()
    {
        const auto document = JsonDocument::parse(R"({"a":1,"b":"x","b":"y"})");
        const JsonMembers members(document->root());
        CPPUNIT_ASSERT_EQUAL(std::string_view("x"), members.text("b"));
        CPPUNIT_ASSERT_MESSAGE("no text", members.text("a").empty());
    }

    void whatIsNoObjectHasNone()
    {
        JsonDocument::Element value;
        for (const char* text : {"[]", "5", "null", "\"a\""})
        {
            const auto document = JsonDocument::parse(text);
            const JsonMembers members(document->root());
            CPPUNIT_ASSERT(!members.present() && !members.find("a", value));
        }
        CPPUNIT_ASSERT(!JsonMembers().present() && !JsonMembers().find("", value) && JsonMembers().text("a").empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonMembersTest);

} // namespace tenon::base

#include "base/json/JsonSlots.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <string>

namespace tenon::base
{

namespace
{

constexpr std::array<std::string_view, 3> NAMES = {"a", "bb", "cc"};
using Slots = JsonSlots<NAMES>;

} // namespace

class JsonSlotsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonSlotsTest);
    CPPUNIT_TEST(membersAreFoundAmongOthers);
    CPPUNIT_TEST(theFirstOfTwoCounts);
    CPPUNIT_TEST(whatIsNoObjectHasNone);
    CPPUNIT_TEST_SUITE_END();

    void membersAreFoundAmongOthers()
    {
        const auto document = JsonDocument::parse(R"({"c":0,"cc":"x","":1,"aa":2,"a":null})");
        const Slots slots(document->root());
        JsonDocument::Element value;
        CPPUNIT_ASSERT(slots.find(0, value) && value.is_null());
        CPPUNIT_ASSERT(!slots.find(1, value) && slots.text(1).empty());
        CPPUNIT_ASSERT(slots.find(2, value) && slots.text(2) == "x");
        std::string_view text = "before";
        CPPUNIT_ASSERT_MESSAGE("no text", !slots.find(0, text) && slots.text(0).empty());
        CPPUNIT_ASSERT(slots.find(2, text) && text == "x");
    }

    void theFirstOfTwoCounts()
    {
        const auto document = JsonDocument::parse(R"({"a":1,"bb":"x","bb":"y"})");
        CPPUNIT_ASSERT_EQUAL(std::string_view("x"), Slots(document->root()).text(1));
    }

    void whatIsNoObjectHasNone()
    {
        JsonDocument::Element value;
        for (const char* text : {"[]", "5", "null", "\"a\""})
        {
            const auto document = JsonDocument::parse(text);
            Slots slots;
            CPPUNIT_ASSERT(!slots.read(document->root()) && !slots.find(0, value));
        }
        CPPUNIT_ASSERT(!Slots().find(0, value) && Slots().text(0).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonSlotsTest);

} // namespace tenon::base

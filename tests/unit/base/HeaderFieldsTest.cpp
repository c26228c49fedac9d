#include "base/text/HeaderFields.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <utility>

namespace tenon::base
{

class HeaderFieldsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HeaderFieldsTest);
    CPPUNIT_TEST(namesAreKnownInAnyCase);
    CPPUNIT_TEST(aNameThatDiffersIsAnother);
    CPPUNIT_TEST(repeatedFieldsAreJoined);
    CPPUNIT_TEST(aKnownFieldIsTakenOnce);
    CPPUNIT_TEST(otherFieldsAreFoundByName);
    CPPUNIT_TEST(thereIsAnEnd);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::pair<const char*, Field> NAMES[] = {
        {"Host", Field::HOST},
        {"Origin", Field::ORIGIN},
        {"Authorization", Field::AUTHORIZATION},
        {"Content-Type", Field::CONTENT_TYPE},
        {"Content-Length", Field::CONTENT_LENGTH},
        {"Transfer-Encoding", Field::TRANSFER_ENCODING},
        {"Connection", Field::CONNECTION},
        {"Expect", Field::EXPECT},
        {"Accept", Field::ACCEPT},
        {"Accept-Encoding", Field::ACCEPT_ENCODING},
        {"MCP-Protocol-Version", Field::PROTOCOL_VERSION},
        {"Mcp-Method", Field::METHOD},
        {"Mcp-Name", Field::NAME},
        {"Mcp-Session-Id", Field::SESSION_ID},
        {"Last-Event-ID", Field::LAST_EVENT_ID},
        {"traceparent", Field::TRACEPARENT},
        {"tracestate", Field::TRACESTATE},
        {"baggage", Field::BAGGAGE},
    };

    void namesAreKnownInAnyCase()
    {
        for (const auto& [name, field] : NAMES)
            for (const auto change :
                 {+[](char c) { return c; }, +[](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; },
                  +[](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }})
            {
                std::string written(name);
                for (char& letter : written)
                    letter = change(letter);
                CPPUNIT_ASSERT_MESSAGE(written, HeaderFields::fieldOf(written) == field);
                HeaderFields fields;
                CPPUNIT_ASSERT(!fields.has(field) && fields.header(field).empty());
                CPPUNIT_ASSERT(fields.addField(written, "value"));
                CPPUNIT_ASSERT(fields.has(field));
                CPPUNIT_ASSERT_EQUAL(std::string_view("value"), fields.header(field));
                CPPUNIT_ASSERT_EQUAL(std::string_view("value"), fields.header(name));
            }
    }

    void aNameThatDiffersIsAnother()
    {
        for (const auto& [name, field] : NAMES)
        {
            const std::string known(name);
            for (std::size_t at = 0; at < known.size(); ++at)
                for (const char other : {'x', '_', '!', '0', '~', '.', '\r', '\0', '\xAD'})
                {
                    std::string changed = known;
                    changed[at] = other;
                    const bool same = (known[at] | 0x20) == other;
                    CPPUNIT_ASSERT_MESSAGE(changed, same || HeaderFields::fieldOf(changed) == Field::OTHER);
                }
            CPPUNIT_ASSERT(HeaderFields::fieldOf(known + "s") == Field::OTHER);
            CPPUNIT_ASSERT(HeaderFields::fieldOf(known.substr(1)) == Field::OTHER);
        }
        CPPUNIT_ASSERT(HeaderFields::fieldOf({}) == Field::OTHER);
    }

    void repeatedFieldsAreJoined()
    {
        HeaderFields fields;
        fields.addField("Accept", "a");
        fields.addField("X-One", "1");
        fields.addField("accept", "b");
        fields.addField("ACCEPT", "c");
        fields.addField("x-one", "2");
        CPPUNIT_ASSERT_EQUAL(std::string_view("a, b, c"), fields.header(Field::ACCEPT));
        CPPUNIT_ASSERT_EQUAL(std::string_view("1, 2"), fields.header("X-ONE"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), fields.fieldCount());
        CPPUNIT_ASSERT_EQUAL(std::string_view("b"), fields.field(2).value);
        fields.clear();
        CPPUNIT_ASSERT(!fields.has(Field::ACCEPT) && !fields.has("X-One"));
    }

    void aKnownFieldIsTakenOnce()
    {
        HeaderFields fields;
        CPPUNIT_ASSERT(fields.addOnce(Field::ACCEPT, "ACCEPT", "a"));
        CPPUNIT_ASSERT(!fields.addOnce(Field::ACCEPT, "Accept", "b"));
        CPPUNIT_ASSERT(fields.addOnce(Field::OTHER, "X-One", "1"));
        CPPUNIT_ASSERT(fields.addOnce(Field::OTHER, "x-one", "2"));
        CPPUNIT_ASSERT_EQUAL(std::string_view("a"), fields.header(Field::ACCEPT));
        CPPUNIT_ASSERT_EQUAL(std::string_view("1, 2"), fields.header("X-One"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), fields.fieldCount());
    }

    void otherFieldsAreFoundByName()
    {
        HeaderFields fields;
        fields.addField("X-Api-Key", "");
        std::string_view value = "untouched";
        CPPUNIT_ASSERT(!fields.header("X-Api", value));
        CPPUNIT_ASSERT_EQUAL(std::string_view("untouched"), value);
        CPPUNIT_ASSERT(fields.header("x-api-key", value));
        CPPUNIT_ASSERT(value.empty() && fields.has("X-API-KEY"));
    }

    void thereIsAnEnd()
    {
        HeaderFields fields;
        for (std::size_t i = 0; i < HeaderFields::MOST; ++i)
            CPPUNIT_ASSERT(fields.addField("A", "b"));
        CPPUNIT_ASSERT(!fields.addField("A", "b"));
        CPPUNIT_ASSERT(!fields.addOnce(Field::OTHER, "A", "b"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeaderFieldsTest);

} // namespace tenon::base

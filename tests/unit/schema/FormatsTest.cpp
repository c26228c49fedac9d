#include "Json.h"

#include "schema/format/Formats.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

/// What the official suite leaves open; it covers the rest (tests/conformance/json-schema).
class FormatsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FormatsTest);
    CPPUNIT_TEST(testAnnotationByDefault);
    CPPUNIT_TEST(testUnknownFormatIsIgnored);
    CPPUNIT_TEST(testEveryFormatTakesOddText);
    CPPUNIT_TEST(testHostnamesAreBounded);
    CPPUNIT_TEST(testAddresses);
    CPPUNIT_TEST_SUITE_END();

    void testAnnotationByDefault()
    {
        const char* const text = R"({"format":"date"})";
        CPPUNIT_ASSERT(isValid(text, "\"never\""));
        CPPUNIT_ASSERT(!isValid(*Schema::compile(text, {}, FormatMode::ASSERTION), "\"never\""));
        CPPUNIT_ASSERT(isValid(*Schema::compile(text, {}, FormatMode::ASSERTION), "\"2026-07-28\""));
        CPPUNIT_ASSERT(isValid(*Schema::compile(text, {}, FormatMode::ASSERTION), "5"));
    }

    void testUnknownFormatIsIgnored()
    {
        CPPUNIT_ASSERT(isValid(*Schema::compile(R"({"format":"colour"})", {}, FormatMode::ASSERTION), "\"x\""));
    }

    /// Ends of text in the middle of things, bytes beyond ASCII, zeros: nothing is overrun (with a sanitizer).
    void testEveryFormatTakesOddText()
    {
        const std::string odd[] = {"",
                                   "\"",
                                   "\"\\",
                                   "%",
                                   "%4",
                                   "::",
                                   ":",
                                   "1:",
                                   "[",
                                   "a@",
                                   "a@[",
                                   "a@[]",
                                   "xn--",
                                   "P",
                                   "PT",
                                   "P1",
                                   "{",
                                   "{}",
                                   "~",
                                   "\\",
                                   "xn--a-",
                                   ".",
                                   "a..b",
                                   "\xE2\x82",
                                   "//",
                                   "//[",
                                   "1#",
                                   "http:[",
                                   "//a:b",
                                   "\xF0",
                                   "/~",
                                   "0~",
                                   "x://[v",
                                   "\\u{",
                                   "\\",
                                   "(?<",
                                   std::string(3, '\0'),
                                   std::string(5000, 'a'),
                                   std::string(5000, '.'),
                                   std::string(300, '\xC3')};
        for (const char* name : {"date-time", "date", "time", "duration", "email", "idn-email", "hostname",
                                 "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference",
                                 "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex"})
        {
            const Format* format = findFormat(name);
            CPPUNIT_ASSERT_MESSAGE(name, format != nullptr);
            for (const std::string& text : odd)
                format->matches(text);
        }
        CPPUNIT_ASSERT(findFormat("colour") == nullptr);
    }

    void testHostnamesAreBounded()
    {
        std::string name;
        for (int i = 0; i < 126; ++i)
            name += "a.";
        CPPUNIT_ASSERT(format::isHostname(name + "a"));
        CPPUNIT_ASSERT(!format::isHostname(name + "aa"));
        CPPUNIT_ASSERT(format::isIdnHostname(name + "a"));
        CPPUNIT_ASSERT(!format::isIdnHostname(name + "aa"));
    }

    void testAddresses()
    {
        CPPUNIT_ASSERT(!format::isIpv4("1.2.3"));
        CPPUNIT_ASSERT(!format::isIpv4("1.2.3.4."));
        CPPUNIT_ASSERT(!format::isIpv4("1.2.3.0004"));
        CPPUNIT_ASSERT(format::isIpv6("::"));
        CPPUNIT_ASSERT(!format::isIpv6("1::2::3"));
        CPPUNIT_ASSERT(!format::isIpv6("1:2:3:4:5:6:7:8::"));
        CPPUNIT_ASSERT(format::isEmail("a.b+c@example.com"));
        CPPUNIT_ASSERT(!format::isEmail("a@b@c"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormatsTest);

} // namespace tenon::schema::test

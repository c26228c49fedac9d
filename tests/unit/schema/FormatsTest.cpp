#include "Json.h"

#include "schema/format/Formats.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <utility>
#include <vector>

namespace tenon::schema::test
{

/// What the official suite leaves open; it covers the rest (tests/conformance/json-schema).
class FormatsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FormatsTest);
    CPPUNIT_TEST(testAnnotationByDefault);
    CPPUNIT_TEST(testUnknownFormatIsIgnored);
    CPPUNIT_TEST(testEveryFormatTakesOddText);
    CPPUNIT_TEST(testWhatIsOfAFormat);
    CPPUNIT_TEST(testWhatIsNot);
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
                                   "a@[192.0.2.300]",
                                   "a@[192.0.2.01]",
                                   "a@[192.0.2]",
                                   "a@[IPv6:1]",
                                   "a@[2001:db8::1]",
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
        for (const char* name : {"date-time", "date", "email", "uri"})
        {
            const Format* format = findFormat(name);
            CPPUNIT_ASSERT_MESSAGE(name, format != nullptr);
            for (const std::string& text : odd)
                format->matches(text);
        }
        CPPUNIT_ASSERT(findFormat("colour") == nullptr);
    }

    void testWhatIsOfAFormat()
    {
        const std::pair<const char*, std::vector<std::string>> good[] = {
            {"email", {"a@b", "a.b+c@example.com", "\"a b\"@x-y.example", "a%b@[192.0.2.1]", "x@[IPv6:2001:db8::1]"}},
            {"uri",
             {"https://example.com", "http://u:p@[2001:db8::1]:80/a%20b?q=/?#f", "urn:isbn:0451450523", "file:///a",
              "http://[::ffff:1.2.3.4]/", "http://[v7.x]/", "a:"}},
            {"date", {"2026-07-28", "2024-02-29", "0000-01-01"}},
            {"date-time", {"2026-07-28T12:00:00Z", "2026-07-28t12:00:00.5+05:30", "1990-12-31T23:59:60Z"}}};
        for (const auto& [name, texts] : good)
            for (const std::string& text : texts)
                CPPUNIT_ASSERT_MESSAGE(text, findFormat(name)->matches(text));
    }

    void testWhatIsNot()
    {
        const std::string longLocal(65, 'a'), longHost = std::string(64, 'a');
        const std::pair<const char*, std::vector<std::string>> bad[] = {
            {"email",
             {"", "a", "@b", "a@", "a@b@c", ".a@b", "a.@b", "a..b@c", "a b@c", "a@-b", "a@b-", "a@b..c", "a@b_c",
              "a\n@b", longLocal + "@b", "a@" + longHost, "\"a@b", "\"a\\\"@b", "Ada <a@b>"}},
            {"uri",
             {"", "example.com", "//example.com", "/a", "1a:b", ":a", "http://a b", "http://a/%2", "http://a/{x}",
              "http://[::1", "http://[x]/", "http://[1.2.3.4]/", "http://[::ffff:01.2.3.4]/",
              "http://[fe80::1%25eth0]/", "http://[v7.]/", "http://a:8o", "http://a/#a#b", "http://a\\b",
              "http://\xC3\xA4"}},
            {"date", {"", "2026-7-28", "2026-02-29", "2026-13-01", "2026-00-10", "28.07.2026", "2026-07-28T00:00:00Z"}},
            {"date-time",
             {"", "2026-07-28", "2026-07-28 12:00:00Z", "2026-07-28T12:00:00", "2026-07-28T24:00:00Z",
              "2026-07-28T12:00:60Z", "2026-07-28T12:00:00.Z", "2026-07-28T12:00:00+5:30"}}};
        for (const auto& [name, texts] : bad)
            for (const std::string& text : texts)
                CPPUNIT_ASSERT_MESSAGE(text, !findFormat(name)->matches(text));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormatsTest);

} // namespace tenon::schema::test

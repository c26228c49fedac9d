#include "schema/text/Regex.h"
#include "schema/SchemaException.h"

#include <re2/re2.h>

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

class RegexTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RegexTest);
    CPPUNIT_TEST(testSearchesAnywhere);
    CPPUNIT_TEST(testEndIsTheEnd);
    CPPUNIT_TEST(testEscapes);
    CPPUNIT_TEST(testClasses);
    CPPUNIT_TEST(testDotLeavesOutLineEnds);
    CPPUNIT_TEST(testProperties);
    CPPUNIT_TEST(testRepetitions);
    CPPUNIT_TEST(testLenience);
    CPPUNIT_TEST(testUnsupported);
    CPPUNIT_TEST(testMalformed);
    CPPUNIT_TEST(testEvilPatternTakesLinearTime);
    CPPUNIT_TEST_SUITE_END();

    static bool matches(std::string_view pattern, std::string_view text)
    {
        return search(*compilePattern(pattern), text);
    }

    static std::string refusal(std::string_view pattern)
    {
        try
        {
            compilePattern(pattern);
            return {};
        }
        catch (const SchemaException& exc)
        {
            return exc.message();
        }
    }

    void testSearchesAnywhere()
    {
        CPPUNIT_ASSERT(matches("b", "abc"));
        CPPUNIT_ASSERT(matches("", "abc"));
        CPPUNIT_ASSERT(!matches("^b", "abc"));
        CPPUNIT_ASSERT(matches("^a|x$", "ab"));
        CPPUNIT_ASSERT(!matches("^b", "a\nb"));
    }

    void testEndIsTheEnd()
    {
        CPPUNIT_ASSERT(matches("^abc$", "abc"));
        CPPUNIT_ASSERT(!matches("^abc$", "abc\n"));
    }

    void testEscapes()
    {
        CPPUNIT_ASSERT(matches(R"(^\cC$)", "\x03"));
        CPPUNIT_ASSERT(matches(R"(^\x41\u0042\u{43}$)", "ABC"));
        CPPUNIT_ASSERT(matches(R"(^\uD83D\uDC32$)", "\xF0\x9F\x90\xB2"));
        CPPUNIT_ASSERT(matches(R"(^\0$)", std::string_view("\0", 1)));
        CPPUNIT_ASSERT(matches(R"(^a\/b\.c$)", "a/b.c"));
        CPPUNIT_ASSERT(matches(R"(\bfoo\b)", "a foo b"));
        CPPUNIT_ASSERT(!matches(R"(\bfoo\b)", "afoo"));
    }

    void testClasses()
    {
        CPPUNIT_ASSERT(matches(R"(^[\w\-.]+$)", "a-b.c"));
        CPPUNIT_ASSERT(!matches(R"(^[^\s,]+$)", "a b"));
        CPPUNIT_ASSERT(!matches(R"(^[^\s]$)", "\xC2\xA0"));
        CPPUNIT_ASSERT(matches(R"(^[\S]$)", "x"));
        CPPUNIT_ASSERT(matches(R"(^[\b]$)", "\b"));
        CPPUNIT_ASSERT(matches("^[[:a]$", "["));
        CPPUNIT_ASSERT(matches("^[^]$", "\n"));
        CPPUNIT_ASSERT(!matches("[]", "a"));
        CPPUNIT_ASSERT(matches(R"(^[\w-z]$)", "-"));
        CPPUNIT_ASSERT(matches("^[a-]$", "-"));
        CPPUNIT_ASSERT(matches("^[-a]$", "-"));
    }

    void testDotLeavesOutLineEnds()
    {
        CPPUNIT_ASSERT(matches("^.$", "\xC3\xA9"));
        CPPUNIT_ASSERT(!matches("^.$", "\n"));
        CPPUNIT_ASSERT(!matches("^.$", "\xE2\x80\xA8"));
    }

    void testProperties()
    {
        CPPUNIT_ASSERT(matches(R"(^\p{Lu}\p{Letter}$)", "A\xC3\xA9"));
        CPPUNIT_ASSERT(matches(R"(^\p{Script=Greek}+$)", "\xCE\xB1"));
        CPPUNIT_ASSERT(!matches(R"(^\P{L}$)", "a"));
        CPPUNIT_ASSERT(matches(R"(^[\p{Nd}_]$)", "7"));
        CPPUNIT_ASSERT(!matches(R"(^\p{ASCII}$)", "\xC3\xA9"));
    }

    void testRepetitions()
    {
        CPPUNIT_ASSERT(matches("^a{2,3}$", "aaa"));
        CPPUNIT_ASSERT(!matches("^a{2,3}$", "a"));
        CPPUNIT_ASSERT(matches("^(?:ab)+?c*$", "abab"));
        CPPUNIT_ASSERT(matches("^(?<year>[0-9]{4})$", "2026"));
    }

    void testLenience()
    {
        CPPUNIT_ASSERT(matches(R"(^\d\-\_$)", "1-_"));
        CPPUNIT_ASSERT(matches("^{id}$", "{id}"));
        CPPUNIT_ASSERT(matches("^a]$", "a]"));
    }

    void testUnsupported()
    {
        for (const char* pattern :
             {"(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", R"((a)\1)", R"((?<n>a)\k<n>)", "a{1001}", R"(\ud83d)"})
        {
            CPPUNIT_ASSERT_MESSAGE(pattern, refusal(pattern).find("linear time") != std::string::npos);
            // They are regular expressions all the same.
            CPPUNIT_ASSERT_NO_THROW(translate(pattern));
        }
    }

    void testMalformed()
    {
        for (const char* pattern :
             {"(a", "a)", "[a", "*a", "a**", "^*", "(?P<n>a)", "(?i)a", R"(\a)", R"(\Z)", R"(\x4)", R"(\c1)", "[b-a]",
              "a{3,2}", R"(\)", R"(\p{L)", R"(\p)", R"(\u{110000})", "(?<1>a)"})
            CPPUNIT_ASSERT_MESSAGE(pattern, refusal(pattern).find("not a regular expression") != std::string::npos);
        CPPUNIT_ASSERT(refusal(R"(\p{Foo})").find("RE2") != std::string::npos);
    }

    /// A backtracking engine would not end this within the age of the universe.
    void testEvilPatternTakesLinearTime() { CPPUNIT_ASSERT(!matches("^(a+)+$", std::string(100000, 'a') + "!")); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RegexTest);

} // namespace tenon::schema::test

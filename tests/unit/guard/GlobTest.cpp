#include "guard/web/Glob.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::guard::globMatches;

class GlobTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GlobTest);
    CPPUNIT_TEST(matches);
    CPPUNIT_TEST(differs);
    CPPUNIT_TEST(takesNoExponentialTime);
    CPPUNIT_TEST_SUITE_END();

public:
    void matches()
    {
        const char* pairs[][2] = {{"*", "a/b"},
                                  {"*", ""},
                                  {"read_*", "read_file"},
                                  {"read_*", "read_"},
                                  {"a?c", "abc"},
                                  {"file:///data/*", "file:///data/a.txt"},
                                  {"file:///data/**", "file:///data/a/b.txt"},
                                  {"**/b", "x/y/b"},
                                  {"**a*b/c", "1/a/2a3b/c"},
                                  {"a**", "a"},
                                  {"**", "x/y"},
                                  {"*a*a*", "banana"},
                                  {"", ""}};
        for (const auto& [pattern, text] : pairs)
            CPPUNIT_ASSERT_MESSAGE(std::string(pattern) + " " + text, globMatches(pattern, text));
    }

    void differs()
    {
        const char* pairs[][2] = {{"read_*", "write_file"},
                                  {"read", "read_file"},
                                  {"*x", "read"},
                                  {"a?c", "a/c"},
                                  {"file:///data/*", "file:///data/a/b.txt"},
                                  {"file:///data/**", "file:///etc/passwd"},
                                  {"", "a"},
                                  {"a", ""},
                                  {"Read", "read"},
                                  {"**/b", "x/yb"}};
        for (const auto& [pattern, text] : pairs)
            CPPUNIT_ASSERT_MESSAGE(std::string(pattern) + " " + text, !globMatches(pattern, text));
    }

    void takesNoExponentialTime()
    {
        const std::string pattern = "*a*a*a*a*a*a*a*a*a*a*a*a*b", wide = "**a**a**a**a**a**a**a**a**b";
        const std::string text(5000, 'a');
        CPPUNIT_ASSERT(!globMatches(pattern, text));
        CPPUNIT_ASSERT(!globMatches(wide, text));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlobTest);

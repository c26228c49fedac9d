#include "Workspace.h"

#include "filesystem/paths/Glob.h"

using namespace tenon::filesystem;

class GlobTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GlobTest);
    CPPUNIT_TEST(matchesNamesAndPaths);
    CPPUNIT_TEST(faultsAreNamed);
    CPPUNIT_TEST(noPatternTakesLong);
    CPPUNIT_TEST_SUITE_END();

    void matchesNamesAndPaths()
    {
        const struct
        {
            const char* pattern;
            const char* path;
            bool matches;
        } cases[] = {
            {"*.txt", "a.txt", true},
            {"*.txt", "deep/down/a.txt", true},
            {"*.txt", "a.txt.bak", false},
            {"src/*.cpp", "src/a.cpp", true},
            {"src/*.cpp", "src/deep/a.cpp", false},
            {"src/*.cpp", "other/src/a.cpp", false},
            {"/src/*.cpp", "src/a.cpp", true},
            {"src/**/*.cpp", "src/a.cpp", true},
            {"src/**/*.cpp", "src/deep/down/a.cpp", true},
            {"**/test/*", "a/b/test/c", true},
            {"**", "any/thing", true},
            {"a/**/b/**/c", "a/x/b/y/b/c", true},
            {"a/**/b/**/c", "a/x/y/c", false},
            {"*.{cpp,h}", "a.h", true},
            {"*.{cpp,h}", "a.hh", false},
            {"{a,b{1,2}}.txt", "b2.txt", true},
            {"{a,b{1,2}}.txt", "b.txt", false},
            {"a{,.bak}", "a", true},
            {"?.txt", "a.txt", true},
            {"?.txt", "\xC3\xA4.txt", true},
            {"?.txt", "ab.txt", false},
            {"[a-c]1", "b1", true},
            {"[a-c]1", "d1", false},
            {"[!a-c]1", "d1", true},
            {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA4", true},
            {"[]x]", "]", true},
            {"[{]", "{", true},
            {"*a*b*c*", "xxaxxbxxc", true},
            {"*a*b*c*", "xxaxxcxxb", false},
            {"a*", "", false},
            {"*", ".hidden", true},
            {"./src/*.py", "src/a.py", true},
            {"./*.py", "a.py", true},
            {"./*.py", "src/a.py", false},
            {"src/./*.py", "src/a.py", true},
            {"\\[slug\\].tsx", "app/[slug].tsx", true},
            {"\\[slug\\].tsx", "app/s.tsx", false},
            {"app/\\[...all\\]/*", "app/[...all]/page.tsx", true},
            {"[\\]]", "]", true},
            {"\\{a,b\\}", "{a,b}", true},
            {"{\\{,x}.txt", "{.txt", true},
            {"{a\\,b,c}", "a,b", true},
            {"\\*", "*", true},
            {"\\*", "a", false},
            {"a\\\\b", "a\\b", true},
            {"src/[slug].tsx", "src/[slug].tsx", true},
            {"src/[slug].tsx", "src/s.tsx", true},
            {"app/[...all]/*.tsx", "app/[...all]/page.tsx", true},
            {"{app,[id]}/*", "[id]/page.tsx", true},
            {"[\\]]", "[]]", true},
            {"\\!a", "!a", true},
            {"a (1).txt", "a (1).txt", true},
            {"*(1).txt", "a (1).txt", true},
        };
        for (const auto& one : cases)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(one.pattern) + " on " + one.path, one.matches,
                                         Glob(one.pattern).matches(one.path));
    }

    void faultsAreNamed()
    {
        for (const std::string& pattern :
             {std::string("!*.txt"), std::string("!(a)"), std::string("src/!(a|b).txt"), std::string("*.@(c|h)"),
              std::string("[a"), std::string("{a"), std::string("{a,{b}"), std::string("[a/b]"), std::string("../a"),
              std::string("a/../b"), std::string(2000, 'a'),
              std::string("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")})
            refused(Reason::INVALID, [&] { Glob{pattern}; });
    }

    /// Would need more steps than there are atoms if every star were tried with every other.
    void noPatternTakesLong()
    {
        std::string pattern;
        std::string path;
        for (int i = 0; i < 200; ++i)
        {
            pattern += "*a";
            path += 'a';
        }
        CPPUNIT_ASSERT(!Glob(pattern + "b").matches(path + "c"));
        pattern.clear();
        path.clear();
        for (int i = 0; i < 100; ++i)
        {
            pattern += "**/a/";
            path += "a/";
        }
        CPPUNIT_ASSERT(!Glob(pattern + "b").matches(path + "c"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlobTest);

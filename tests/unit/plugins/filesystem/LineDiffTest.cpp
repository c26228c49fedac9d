#include "Workspace.h"

#include "filesystem/text/LineDiff.h"

#include <vector>

using namespace tenon::filesystem;

class LineDiffTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LineDiffTest);
    CPPUNIT_TEST(sameTexts);
    CPPUNIT_TEST(oneLine);
    CPPUNIT_TEST(hunks);
    CPPUNIT_TEST(ends);
    CPPUNIT_TEST(appliesToAnyTexts);
    CPPUNIT_TEST(largeDifferences);
    CPPUNIT_TEST_SUITE_END();

    static std::string diff(const std::string& before, const std::string& after)
    {
        const std::string text = unifiedDiff(before, after, "f");
        const std::size_t at = text.find("@@");
        return at == std::string::npos ? text : text.substr(at);
    }

    static std::vector<std::string> linesOf(const std::string& text)
    {
        std::vector<std::string> lines;
        for (std::size_t at = 0; at < text.size();)
        {
            const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
            lines.push_back(text.substr(at, end - at));
            at = end;
        }
        return lines;
    }

    /// What `patch` makes of it; a reading of the format that knows nothing of its writer.
    static std::string patched(const std::string& before, const std::string& diff)
    {
        const std::vector<std::string> old = linesOf(before);
        std::string result;
        std::size_t at = 0;
        for (const std::string& line : linesOf(diff))
        {
            if (line.rfind("---", 0) == 0 || line.rfind("+++", 0) == 0)
                continue;
            if (line.rfind("@@", 0) == 0)
            {
                const auto start = static_cast<std::size_t>(std::stoul(line.substr(4)));
                const bool empty = line.substr(line.find(',') + 1, 2) == "0 ";
                while (at + 1 < start + (empty ? 1 : 0))
                    result += old.at(at++);
            }
            else if (line[0] == '\\')
                result.pop_back();
            else if (line[0] == '+')
                result += line.substr(1);
            else
            {
                CPPUNIT_ASSERT_EQUAL(linesOf(old.at(at) + (old.at(at).back() == '\n' ? "" : "\n")).at(0),
                                     line.substr(1));
                if (line[0] == ' ')
                    result += line.substr(1);
                ++at;
            }
        }
        while (at < old.size())
            result += old.at(at++);
        return result;
    }

    void sameTexts()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), diff("a\nb", "a\nb"));
        CPPUNIT_ASSERT_EQUAL(std::string(), diff("", ""));
    }

    void oneLine()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-a\n+b\n"),
                             unifiedDiff("a\n", "b\n", "f"));
        CPPUNIT_ASSERT_EQUAL(std::string("@@ -0,0 +1,1 @@\n+a\n"), diff("", "a\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("@@ -1,1 +0,0 @@\n-a\n"), diff("a\n", ""));
        CPPUNIT_ASSERT_EQUAL(std::string("@@ -2,5 +2,6 @@\n 2\n 3\n 4\n+new\n 5\n 6\n"),
                             diff("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nnew\n5\n6\n"));
    }

    void hunks()
    {
        std::string before;
        std::string after;
        for (int i = 1; i <= 30; ++i)
        {
            before += std::to_string(i) + "\n";
            after += (i == 5 || i == 25 ? "x" : "") + std::to_string(i) + "\n";
        }
        const std::string text = diff(before, after);
        CPPUNIT_ASSERT(contains(text, "@@ -2,7 +2,7 @@") && contains(text, "@@ -22,7 +22,7 @@"));
    }

    void ends()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"), diff("a", "a\n"));
    }

    void appliesToAnyTexts()
    {
        unsigned random = 7;
        const auto next = [&random](unsigned below)
        {
            random = random * 1664525u + 1013904223u;
            return (random >> 16) % below;
        };
        for (int round = 0; round < 2000; ++round)
        {
            std::string before;
            std::string after;
            for (unsigned i = 0, count = next(30); i < count; ++i)
            {
                const std::string line = std::string(1, static_cast<char>('a' + next(4))) + "\n";
                before += next(8) ? line : "";
                after += next(8) ? line : "";
            }
            if (before != after)
                CPPUNIT_ASSERT_EQUAL(after, patched(before, unifiedDiff(before, after, "f")));
        }
    }

    void largeDifferences()
    {
        std::string before;
        std::string after;
        for (int i = 0; i < 5000; ++i)
        {
            before += "a" + std::to_string(i) + "\n";
            after += "b" + std::to_string(i) + "\n";
        }
        CPPUNIT_ASSERT_EQUAL(after, patched(before, unifiedDiff(before, after, "f")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LineDiffTest);

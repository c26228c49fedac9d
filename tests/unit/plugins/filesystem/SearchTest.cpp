#include "Workspace.h"

#include "filesystem/Search.h"

using namespace tenon::filesystem;

class SearchTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SearchTest);
    CPPUNIT_TEST(byName);
    CPPUNIT_TEST(byContent);
    CPPUNIT_TEST(byExpression);
    CPPUNIT_TEST(inOneFile);
    CPPUNIT_TEST(exclusions);
    CPPUNIT_TEST(limits);
    CPPUNIT_TEST(largeAndBinaryFilesAreSkipped);
    CPPUNIT_TEST(linksAreNotWalked);
    CPPUNIT_TEST(longLinesAreShortened);
    CPPUNIT_TEST(cancelled);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;
    Roots _roots{{_space.inside()}};
    Options _options;

public:
    void setUp() override
    {
        _space.put("readme.md", "Hello World\nsecond line\nhello again\n");
        _space.put("src/main.cpp", "int main()\n{\n    return 42;\n}\n");
        _space.put("src/deep/util.cpp", "// Hello\n");
        _space.put("src/deep/util.h", "#pragma once\n");
    }

private:
    SearchResult run(const SearchRequest& request, const std::string& where = {})
    {
        return search(_roots.locate(where), request, _options, {}, {});
    }

    std::string names(const SearchResult& result)
    {
        std::string all;
        for (const SearchMatch& match : result.matches)
            all += match.path.substr(_space.inside().size() + 1) +
                   (match.line ? ":" + std::to_string(match.line) : "") + " ";
        return all;
    }

    static SearchRequest request(const std::string& glob, const std::string& content)
    {
        SearchRequest request;
        request.glob = glob;
        request.content = content;
        return request;
    }

    void byName()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("src/deep/util.cpp src/main.cpp "), names(run(request("*.cpp", ""))));
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp "), names(run(request("src/*.cpp", ""))));
        CPPUNIT_ASSERT_EQUAL(std::string("src/deep "), names(run(request("deep", ""))));
        // Globs count from where the search begins.
        CPPUNIT_ASSERT_EQUAL(std::string("src/deep/util.h "), names(run(request("deep/*.h", ""), "src")));
        CPPUNIT_ASSERT_EQUAL(std::string(), names(run(request("nothing", ""))));
    }

    void byContent()
    {
        SearchRequest hello = request("", "hello");
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md:3 "), names(run(hello)));
        hello.caseSensitive = false;
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md:1 readme.md:3 src/deep/util.cpp:1 "), names(run(hello)));
        hello.glob = "*.md";
        const SearchResult result = run(hello);
        CPPUNIT_ASSERT_EQUAL(std::string("Hello World"), result.matches.at(0).text);
        // What looks like an expression is none unless asked for.
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp:1 "), names(run(request("", "main()"))));
        CPPUNIT_ASSERT_EQUAL(std::string(), names(run(request("", "ma.n"))));
    }

    void byExpression()
    {
        SearchRequest number = request("", "\\b[0-9]{2}\\b");
        number.regularExpression = true;
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp:3 "), names(run(number)));
        number.content = "(a";
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { run(number); }), "RE2"));
        // Exponential in engines that try every way.
        number.content = "^(a+)+$";
        _space.put("evil.txt", std::string(5000, 'a') + "b");
        CPPUNIT_ASSERT_EQUAL(std::string(), names(run(number)));
    }

    void inOneFile()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md:2 "), names(run(request("", "second"), "readme.md")));
        refused(Reason::WRONG_KIND, [&] { run(request("*.md", ""), "readme.md"); });
        refused(Reason::NOT_FOUND, [&] { run(request("*.md", ""), "nothing"); });
    }

    void exclusions()
    {
        SearchRequest all = request("*.{cpp,h}", "");
        all.exclude = {"deep"};
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp "), names(run(all)));
        all.exclude = {"*.cpp"};
        CPPUNIT_ASSERT_EQUAL(std::string("src/deep/util.h "), names(run(all)));
    }

    void limits()
    {
        SearchRequest all = request("*", "");
        all.maxResults = 2;
        const SearchResult two = run(all);
        CPPUNIT_ASSERT(two.matches.size() == 2 && two.truncated && contains(two.reason, "more than 2"));
        all.maxResults = 6;
        CPPUNIT_ASSERT(!run(all).truncated);
        _options.maxResults = 3;
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), run(all).matches.size());
        _options.maxSearchEntries = 2;
        const SearchResult few = run(all);
        CPPUNIT_ASSERT(few.truncated && contains(few.reason, "after 2 entries"));
        SearchRequest lines = request("", "e");
        lines.maxPerFile = 1;
        _options = Options();
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md:1 src/deep/util.cpp:1 src/deep/util.h:1 src/main.cpp:3 "),
                             names(run(lines)));
    }

    void largeAndBinaryFilesAreSkipped()
    {
        _space.put("large.txt", "needle " + std::string(1000, 'x'));
        _space.put("binary.bin", std::string("needle\0", 7));
        _options.maxSearchBytes = 500;
        const SearchResult result = run(request("", "needle"));
        CPPUNIT_ASSERT(result.matches.empty() && result.skipped == 2);
        _options.maxSearchBytes = 5000;
        CPPUNIT_ASSERT_EQUAL(std::string("large.txt:1 "), names(run(request("", "needle"))));
    }

    void linksAreNotWalked()
    {
        _space.link("..", "src/up");
        _space.link("../outside", "out");
        _space.link("../outside/secret.txt", "stolen.txt");
        CPPUNIT_ASSERT_EQUAL(std::string(), names(run(request("", "secret"))));
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md "), names(run(request("readme.md", ""))));
    }

    void longLinesAreShortened()
    {
        _space.put("long.txt", std::string(5000, 'a') + "needle" + std::string(5000, 'b'));
        const std::string text = run(request("", "needle")).matches.at(0).text;
        CPPUNIT_ASSERT(text.size() < 300 && contains(text, "aneedleb") && text.substr(0, 3) == "...");
        std::string umlauts = "x";
        for (int i = 0; i < 500; ++i)
            umlauts += "\xC3\xA4";
        _space.put("long.txt", umlauts + "needle" + umlauts);
        CPPUNIT_ASSERT(!contains(run(request("", "needle")).matches.at(0).text, "\xEF\xBF\xBD"));
    }

    void cancelled()
    {
        for (int i = 0; i < 600; ++i)
            _space.put("many/" + std::to_string(i), "");
        std::uint64_t told = 0;
        refused(Reason::CANCELLED,
                [&]
                {
                    search(
                        _roots.locate(""), request("nothing", ""), _options, [&] { return told == 256; },
                        [&](std::uint64_t entries) { told = entries; });
                });
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(256), told);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SearchTest);

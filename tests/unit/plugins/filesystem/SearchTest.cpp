#include "Workspace.h"

#include "filesystem/files/Search.h"

#include <algorithm>

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
    CPPUNIT_TEST(largeAndBinaryFilesAreNamed);
    CPPUNIT_TEST(filesOfManyChunks);
    CPPUNIT_TEST(otherCharsets);
    CPPUNIT_TEST(whatWasLeftOutIsSaid);
    CPPUNIT_TEST(globsThatBeginWithThePlace);
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
        CPPUNIT_ASSERT(two.matches.size() == 2 && two.truncated && contains(two.reason, "more matches"));
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

    static std::string reasons(const SearchResult& result)
    {
        std::string all;
        for (const Omission& omission : result.omitted)
            all += omission.path + ": " + omission.why + "\n";
        return all;
    }

    void largeAndBinaryFilesAreNamed()
    {
        _space.put("large.txt", "needle " + std::string(1000, 'x') + "\nneedle\n");
        _space.put("binary.bin", std::string("needle\0", 7));
        _options.maxSearchBytes = 500;
        const SearchResult result = run(request("", "needle"));
        CPPUNIT_ASSERT_EQUAL(std::string("large.txt:1 "), names(result));
        CPPUNIT_ASSERT(result.skipped == 2 && result.omitted.size() == 2);
        CPPUNIT_ASSERT(contains(reasons(result), "binary.bin: It is not text."));
        CPPUNIT_ASSERT(contains(reasons(result), "1015 bytes, of which the first 500"));
        CPPUNIT_ASSERT(contains(reasons(result), "plugin.filesystem.maxSearchBytes"));
        _options.maxSearchBytes = 5000;
        CPPUNIT_ASSERT_EQUAL(std::string("large.txt:1 large.txt:2 "), names(run(request("", "needle"))));
    }

    void filesOfManyChunks()
    {
        // Lines that lie across the ends of chunks, characters of two bytes that are cut by them.
        std::string data;
        for (int i = 0; data.size() < 3 * 1024 * 1024 + 100; ++i)
            data += "\xC3\xA4 line " + std::to_string(i) + (i % 5 ? "\n" : " a bit longer\n");
        _space.put("large.txt", data + "the needle");
        const SearchResult result = run(request("large.txt", "needle"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), result.matches.size());
        CPPUNIT_ASSERT_EQUAL(std::string("the needle"), result.matches[0].text);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint64_t>(std::count(data.begin(), data.end(), '\n')) + 1,
                             result.matches[0].line);
        SearchRequest lines = request("large.txt", "line 100000");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(100001), run(lines).matches.at(0).line);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), run(lines).skipped);
    }

    void otherCharsets()
    {
        _space.put("latin.txt", "gr\xFC\xDF dich\n");
        _space.put("wide.txt", std::string("\xFF\xFEg\0r\0\xFC\0\xDF\0", 10));
        const SearchResult result = run(request("*.txt", "gr\xC3\xBC\xC3\x9F"));
        CPPUNIT_ASSERT_EQUAL(std::string("latin.txt:1 wide.txt:1 "), names(result));
        CPPUNIT_ASSERT_EQUAL(std::string("gr\xC3\xBC\xC3\x9F dich"), result.matches[0].text);
    }

    void whatWasLeftOutIsSaid()
    {
        _space.put("many.txt", "a\na\na\n");
        SearchRequest two = request("many.txt", "a");
        two.maxPerFile = 2;
        CPPUNIT_ASSERT(contains(reasons(run(two)), "limitPerFile"));
        two.maxPerFile = 3;
        CPPUNIT_ASSERT_EQUAL(std::string(), reasons(run(two)));
        _space.link("src", "linked");
        CPPUNIT_ASSERT(contains(reasons(run(request("*.cpp", ""))), "linked: It is a link to a directory"));
        std::filesystem::create_directory(_space.path("locked"));
        std::filesystem::permissions(_space.path("locked"), std::filesystem::perms::none);
        const std::string found = reasons(run(request("*.cpp", "x")));
        std::filesystem::permissions(_space.path("locked"), std::filesystem::perms::owner_all);
        CPPUNIT_ASSERT(::geteuid() == 0 || contains(found, "locked"));
    }

    void globsThatBeginWithThePlace()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp "), names(run(request("./src/*.cpp", ""))));
        CPPUNIT_ASSERT_EQUAL(std::string("readme.md "), names(run(request("./*.*", ""))));
        CPPUNIT_ASSERT_EQUAL(std::string("src/main.cpp "), names(run(request(_space.path("src/*.cpp"), ""))));
        refused(Reason::INVALID, [&] { run(request("../*.cpp", "")); });
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

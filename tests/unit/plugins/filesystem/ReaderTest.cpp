#include "Workspace.h"

#include "filesystem/files/Reader.h"

using namespace tenon::filesystem;

class ReaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReaderTest);
    CPPUNIT_TEST(wholeFiles);
    CPPUNIT_TEST(byteRanges);
    CPPUNIT_TEST(byteRangesJoinToTheWhole);
    CPPUNIT_TEST(lineRanges);
    CPPUNIT_TEST(lineRangesAreCutAtLines);
    CPPUNIT_TEST(aLineLongerThanTheLimitGoesOnByBytes);
    CPPUNIT_TEST(charactersAreNotCut);
    CPPUNIT_TEST(binaryIsTold);
    CPPUNIT_TEST(otherCharsetsAreConverted);
    CPPUNIT_TEST(faultsAreCounted);
    CPPUNIT_TEST(rangesBeginBetweenCharacters);
    CPPUNIT_TEST(wideFilesInLinesAndParts);
    CPPUNIT_TEST(lastLines);
    CPPUNIT_TEST(imagesComeWhole);
    CPPUNIT_TEST(filesWithoutASize);
    CPPUNIT_TEST(cancelledWhileLookingForALine);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint64_t MAX_MEDIA = 2000;

    Workspace _space;
    Roots _roots{{_space.inside()}};

    Excerpt read(const std::string& data, const Range& range, std::uint64_t maxBytes = 1000,
                 Encoding encoding = Encoding::AUTO)
    {
        _space.put("file", data);
        return readFile(_roots.locate("file"), range, encoding, maxBytes, MAX_MEDIA, {});
    }

    void wholeFiles()
    {
        const Excerpt empty = read("", {});
        CPPUNIT_ASSERT(empty.text && empty.data.empty() && !empty.truncated);
        const Excerpt text = read("one\ntwo\n", {});
        CPPUNIT_ASSERT(text.text && !text.truncated && text.size == 8 && text.length == 8);
        CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo\n"), text.data);
        CPPUNIT_ASSERT_EQUAL(std::string("text/plain"), text.mimeType);
        const Excerpt exact = read("12345", {}, 5);
        CPPUNIT_ASSERT(!exact.truncated && !exact.nextOffset);
    }

    void byteRanges()
    {
        const Excerpt middle = read("0123456789", {3, 4, {}, {}, {}});
        CPPUNIT_ASSERT_EQUAL(std::string("3456"), middle.data);
        CPPUNIT_ASSERT(!middle.truncated && middle.offset == 3);
        CPPUNIT_ASSERT_EQUAL(std::string("89"), read("0123456789", {8, 100, {}, {}, {}}).data);
        CPPUNIT_ASSERT(read("0123456789", {10, {}, {}, {}, {}}).data.empty());
        refused(Reason::INVALID, [&] { read("0123456789", {11, {}, {}, {}, {}}); });
        refused(Reason::INVALID, [&] { read("0123456789", {1, {}, 1, {}, {}}); });
    }

    void byteRangesJoinToTheWhole()
    {
        std::string data;
        for (int i = 0; i < 500; ++i)
            data += i % 3 ? "x" : "\xF0\x9F\x98\x80";
        std::string joined;
        Range range;
        for (int parts = 0; parts < 1000; ++parts)
        {
            const Excerpt part = read(data, range, 7);
            joined += part.data;
            if (!part.truncated)
                break;
            range.offset = part.nextOffset;
        }
        CPPUNIT_ASSERT_EQUAL(data, joined);
    }

    void lineRanges()
    {
        const std::string data = "one\ntwo\nthree\nfour";
        const auto lines = [&](std::uint64_t first, std::optional<std::uint64_t> count) {
            return read(data, {{}, {}, first, count, {}});
        };
        CPPUNIT_ASSERT_EQUAL(std::string("one\n"), lines(1, 1).data);
        CPPUNIT_ASSERT_EQUAL(std::string("two\nthree\n"), lines(2, 2).data);
        const Excerpt last = lines(4, 10);
        CPPUNIT_ASSERT_EQUAL(std::string("four"), last.data);
        CPPUNIT_ASSERT(last.offset == 14 && last.lines == 1u && last.firstLine == 4u && !last.truncated);
        CPPUNIT_ASSERT_EQUAL(data, lines(1, {}).data);
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { lines(5, 1); }), "has 4 lines"));
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { read("one\n", {{}, {}, 3, 1, {}}); }), "has 1 lines"));
    }

    void lineRangesAreCutAtLines()
    {
        const Excerpt part = read("one\ntwo\nthree\nfour\n", {{}, {}, 1, 4, {}}, 10);
        CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo\n"), part.data);
        CPPUNIT_ASSERT(part.truncated && part.nextLine == 3u && part.lines == 2u);
        // Further than one block of the reader.
        std::string data;
        for (int i = 1; i <= 40000; ++i)
            data += std::to_string(i) + "\n";
        CPPUNIT_ASSERT_EQUAL(std::string("39999\n40000\n"), read(data, {{}, {}, 39999, 5, {}}).data);
    }

    void aLineLongerThanTheLimitGoesOnByBytes()
    {
        const Excerpt part = read("ab\n" + std::string(50, 'x') + "\n", {{}, {}, 2, 1, {}}, 10);
        CPPUNIT_ASSERT_EQUAL(std::string(10, 'x'), part.data);
        CPPUNIT_ASSERT(part.truncated && !part.nextLine && part.nextOffset == 13u);
    }

    void charactersAreNotCut()
    {
        const Excerpt part = read("a\xE2\x82\xAC"
                                  "b",
                                  {}, 3);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), part.data);
        CPPUNIT_ASSERT(part.text && part.truncated && part.nextOffset == 1u);
        refused(Reason::INVALID, [&] { read("\xE2\x82\xAC", {0, 1, {}, {}, {}}); });
        // At the end of the file it is no cut but a fault of the file.
        CPPUNIT_ASSERT_EQUAL(std::string("a\xEF\xBF\xBD"), read("a\xE2", {}, 100, Encoding::TEXT).data);
    }

    void binaryIsTold()
    {
        const Excerpt bytes = read(std::string("\x89PNG\0\x01", 6), {});
        CPPUNIT_ASSERT(!bytes.text && bytes.data.size() == 6);
        CPPUNIT_ASSERT_EQUAL(std::string("application/octet-stream"), bytes.mimeType);
        CPPUNIT_ASSERT(!read("text", {}, 100, Encoding::BASE64).text);
        CPPUNIT_ASSERT_EQUAL(std::string("a\xEF\xBF\xBD"), read("a\xFF", {}, 100, Encoding::TEXT).data);
    }

    static std::string notes(const Excerpt& excerpt)
    {
        std::string all;
        for (const std::string& note : excerpt.notes)
            all += note + "\n";
        return all;
    }

    void otherCharsetsAreConverted()
    {
        const Excerpt latin = read("gr\xFC\xDF", {});
        CPPUNIT_ASSERT_EQUAL(std::string("gr\xC3\xBC\xC3\x9F"), latin.data);
        CPPUNIT_ASSERT_EQUAL(std::string("windows-1252"), latin.charset);
        CPPUNIT_ASSERT(contains(notes(latin), "Converted from windows-1252"));
        CPPUNIT_ASSERT(latin.length == 4 && latin.size == 4 && !latin.lossy);
        CPPUNIT_ASSERT_EQUAL(std::string("\xE2\x82\xAC"), read("\x80", {}).data);
        // Far behind an ASCII beginning.
        CPPUNIT_ASSERT_EQUAL(std::string("windows-1252"), read(std::string(20000, 'x') + "\xFC", {}, 50000).charset);

        const Excerpt wide = read(std::string("\xFF\xFEg\0\xFC\0\x3D\xD8\x00\xDE", 10), {});
        CPPUNIT_ASSERT_EQUAL(std::string("g\xC3\xBC\xF0\x9F\x98\x80"), wide.data);
        CPPUNIT_ASSERT_EQUAL(std::string("UTF-16LE"), wide.charset);
        CPPUNIT_ASSERT_EQUAL(std::string("hi\n"), read(std::string("\xFE\xFF\0h\0i\0\n", 8), {}).data);
        CPPUNIT_ASSERT_EQUAL(std::string("hi you"), read(std::string("h\0i\0 \0y\0o\0u\0", 12), {}).data);
        const Excerpt marked = read("\xEF\xBB\xBFhi", {});
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), marked.data);
        CPPUNIT_ASSERT(marked.length == 5 && contains(notes(marked), "byte order mark"));
        CPPUNIT_ASSERT(notes(read("plain", {})).empty());
    }

    void faultsAreCounted()
    {
        const Excerpt faulty = read("\xC3\xA4\xC3\xB6\xC3\xBC \xFF \xC3\xA4", {});
        CPPUNIT_ASSERT_EQUAL(std::string("UTF-8"), faulty.charset);
        CPPUNIT_ASSERT(faulty.lossy && contains(notes(faulty), "1 fault that is no valid UTF-8"));
        CPPUNIT_ASSERT(read(std::string("\xFF\xFE\x3D\xD8", 4), {}).lossy);
    }

    void rangesBeginBetweenCharacters()
    {
        const std::string data = "ab\xF0\x9F\x98\x80z";
        for (std::uint64_t offset = 3; offset < 6; ++offset)
        {
            const Excerpt part = read(data, {offset, {}, {}, {}, {}});
            CPPUNIT_ASSERT_EQUAL(std::string("\xF0\x9F\x98\x80z"), part.data);
            CPPUNIT_ASSERT(part.offset == 2 && contains(notes(part), "inside a character"));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("z"), read(data, {6, {}, {}, {}, {}}).data);
        const Excerpt cut = read(data, {0, 4, {}, {}, {}});
        CPPUNIT_ASSERT_EQUAL(std::string("ab"), cut.data);
        CPPUNIT_ASSERT(cut.nextOffset == 2u && contains(notes(cut), "ends inside a character"));
    }

    void wideFilesInLinesAndParts()
    {
        std::string wide = "\xFF\xFE";
        std::string narrow;
        for (int i = 0; i < 200; ++i)
        {
            const std::string line = "line " + std::to_string(i) + "\n";
            narrow += line;
            for (const char c : line)
                wide += std::string(1, c) + '\0';
        }
        CPPUNIT_ASSERT_EQUAL(std::string("line 99\nline 100\n"), read(wide, {{}, {}, 100, 2, {}}).data);
        CPPUNIT_ASSERT_EQUAL(std::string("line 199\n"), read(wide, {{}, {}, {}, {}, 1}).data);
        std::string joined;
        Range range;
        for (int parts = 0; parts < 1000; ++parts)
        {
            const Excerpt part = read(wide, range, 33);
            joined += part.data;
            if (!part.nextOffset)
                break;
            range.offset = part.nextOffset;
        }
        CPPUNIT_ASSERT_EQUAL(narrow, joined);
    }

    void lastLines()
    {
        const auto last = [&](const std::string& data, std::uint64_t count) {
            return read(data, {{}, {}, {}, {}, count}, 200000).data;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("three\n"), last("one\ntwo\nthree\n", 1));
        CPPUNIT_ASSERT_EQUAL(std::string("two\nthree"), last("one\ntwo\nthree", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo"), last("one\ntwo", 9));
        CPPUNIT_ASSERT_EQUAL(std::string("\n"), last("one\n\n", 1));
        CPPUNIT_ASSERT_EQUAL(std::string(), last("", 3));
        std::string data;
        for (int i = 1; i <= 40000; ++i)
            data += std::to_string(i) + "\n";
        CPPUNIT_ASSERT_EQUAL(std::string("39999\n40000\n"), last(data, 2));
        CPPUNIT_ASSERT_EQUAL(data.substr(data.find("\n20001\n") + 1), last(data, 20000));
        refused(Reason::INVALID, [&] { read("a", {0, {}, {}, {}, 1}); });
    }

    void imagesComeWhole()
    {
        const std::string image = "\x89PNG\r\n\x1A\n" + std::string(1500, '\0');
        const Excerpt whole = read(image, {}, 100);
        CPPUNIT_ASSERT(whole.media && !whole.truncated && whole.data == image);
        CPPUNIT_ASSERT_EQUAL(std::string("image/png"), whole.mimeType);
        CPPUNIT_ASSERT(!read(image, {0, 50, {}, {}, {}}).media);
        CPPUNIT_ASSERT(contains(refused(Reason::LIMIT, [&] { read(image + std::string(600, 'x'), {}); }), "base64"));
        CPPUNIT_ASSERT_EQUAL(std::string("audio/wav"), read(std::string("RIFF\0\0\0\0WAVEfmt ", 16), {}).mimeType);
    }

    void filesWithoutASize()
    {
#if defined(__linux__)
        const Roots roots({"/proc/self"});
        const Excerpt status = readFile(roots.locate("status"), {}, Encoding::AUTO, 100000, MAX_MEDIA, {});
        CPPUNIT_ASSERT(contains(status.data, "Pid:") && status.size == status.data.size());
#endif
    }

    void cancelledWhileLookingForALine()
    {
        _space.put("file", std::string(1000000, '\n'));
        int asked = 0;
        refused(Reason::CANCELLED,
                [&]
                {
                    readFile(_roots.locate("file"), {{}, {}, 900000, 1, {}}, Encoding::AUTO, 100, MAX_MEDIA,
                             [&] { return ++asked == 3; });
                });
        CPPUNIT_ASSERT_EQUAL(3, asked);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReaderTest);

#include "Workspace.h"

#include "filesystem/Reader.h"

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
    CPPUNIT_TEST(filesWithoutASize);
    CPPUNIT_TEST(cancelledWhileLookingForALine);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;
    Roots _roots{{_space.inside()}};

    Excerpt read(const std::string& data, const Range& range, std::uint64_t maxBytes = 1000,
                 Encoding encoding = Encoding::AUTO)
    {
        _space.put("file", data);
        return readFile(_roots.locate("file"), range, encoding, maxBytes, {});
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
        const Excerpt middle = read("0123456789", {3, 4, {}, {}});
        CPPUNIT_ASSERT_EQUAL(std::string("3456"), middle.data);
        CPPUNIT_ASSERT(!middle.truncated && middle.offset == 3);
        CPPUNIT_ASSERT_EQUAL(std::string("89"), read("0123456789", {8, 100, {}, {}}).data);
        CPPUNIT_ASSERT(read("0123456789", {10, {}, {}, {}}).data.empty());
        refused(Reason::INVALID, [&] { read("0123456789", {11, {}, {}, {}}); });
        refused(Reason::INVALID, [&] { read("0123456789", {1, {}, 1, {}}); });
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
            return read(data, {{}, {}, first, count});
        };
        CPPUNIT_ASSERT_EQUAL(std::string("one\n"), lines(1, 1).data);
        CPPUNIT_ASSERT_EQUAL(std::string("two\nthree\n"), lines(2, 2).data);
        const Excerpt last = lines(4, 10);
        CPPUNIT_ASSERT_EQUAL(std::string("four"), last.data);
        CPPUNIT_ASSERT(last.offset == 14 && last.lines == 1u && last.firstLine == 4u && !last.truncated);
        CPPUNIT_ASSERT_EQUAL(data, lines(1, {}).data);
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { lines(5, 1); }), "has 4 lines"));
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { read("one\n", {{}, {}, 3, 1}); }), "has 1 lines"));
    }

    void lineRangesAreCutAtLines()
    {
        const Excerpt part = read("one\ntwo\nthree\nfour\n", {{}, {}, 1, 4}, 10);
        CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo\n"), part.data);
        CPPUNIT_ASSERT(part.truncated && part.nextLine == 3u && part.lines == 2u);
        // Further than one block of the reader.
        std::string data;
        for (int i = 1; i <= 40000; ++i)
            data += std::to_string(i) + "\n";
        CPPUNIT_ASSERT_EQUAL(std::string("39999\n40000\n"), read(data, {{}, {}, 39999, 5}).data);
    }

    void aLineLongerThanTheLimitGoesOnByBytes()
    {
        const Excerpt part = read("ab\n" + std::string(50, 'x') + "\n", {{}, {}, 2, 1}, 10);
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
        refused(Reason::INVALID, [&] { read("\xE2\x82\xAC", {0, 1, {}, {}}); });
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

    void filesWithoutASize()
    {
#if defined(__linux__)
        const Roots roots({"/proc/self"});
        const Excerpt status = readFile(roots.locate("status"), {}, Encoding::AUTO, 100000, {});
        CPPUNIT_ASSERT(contains(status.data, "Pid:") && status.size == status.data.size());
#endif
    }

    void cancelledWhileLookingForALine()
    {
        _space.put("file", std::string(1000000, '\n'));
        int asked = 0;
        refused(
            Reason::CANCELLED,
            [&] {
                readFile(_roots.locate("file"), {{}, {}, 900000, 1}, Encoding::AUTO, 100, [&] { return ++asked == 3; });
            });
        CPPUNIT_ASSERT_EQUAL(3, asked);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReaderTest);

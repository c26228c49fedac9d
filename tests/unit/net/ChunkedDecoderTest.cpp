#include "net/http/ChunkedDecoder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <string_view>

using tenon::net::ChunkedDecoder;

class ChunkedDecoderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChunkedDecoderTest);
    CPPUNIT_TEST(decodesWhateverTheSteps);
    CPPUNIT_TEST(leavesWhatFollows);
    CPPUNIT_TEST(toleratesExtensionsAndTrailers);
    CPPUNIT_TEST(refusesWhatTwoReadersCouldUnderstandDifferently);
    CPPUNIT_TEST(boundsTheBody);
    CPPUNIT_TEST(boundsWhatSurroundsTheData);
    CPPUNIT_TEST_SUITE_END();

    /// Feeds `text` in steps, decoding in place as the front does; the body is left in `_body`.
    ChunkedDecoder::State decode(std::string text, std::size_t step, std::size_t maxBytes = 1000)
    {
        ChunkedDecoder decoder;
        std::size_t in = 0, out = 0;
        ChunkedDecoder::State state = ChunkedDecoder::State::MORE;
        while (in < text.size() && state == ChunkedDecoder::State::MORE)
        {
            std::size_t consumed = 0, produced = 0;
            state = decoder.feed(text.data() + in, std::min(step, text.size() - in), text.data() + out, maxBytes,
                                 consumed, produced);
            in += consumed;
            out += produced;
        }
        _body = text.substr(0, out);
        _left = text.size() - in;
        return state;
    }

    std::string _body;
    std::size_t _left = 0;

public:
    void decodesWhateverTheSteps()
    {
        const std::string text = "5\r\nhello\r\n1\r\n,\r\nA\r\n big world\r\n0\r\n\r\n";
        for (std::size_t step = 1; step <= text.size(); ++step)
        {
            CPPUNIT_ASSERT(decode(text, step) == ChunkedDecoder::State::DONE);
            CPPUNIT_ASSERT_EQUAL(std::string("hello, big world"), _body);
            CPPUNIT_ASSERT_EQUAL(std::size_t(0), _left);
        }
        for (std::size_t size = 0; size < text.size(); ++size)
            CPPUNIT_ASSERT(decode(text.substr(0, size), 7) == ChunkedDecoder::State::MORE);
    }

    void leavesWhatFollows()
    {
        CPPUNIT_ASSERT(decode("1\r\na\r\n0\r\n\r\nGET /", 100) == ChunkedDecoder::State::DONE);
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), _left);
    }

    void toleratesExtensionsAndTrailers()
    {
        CPPUNIT_ASSERT(decode("1;a=b;c=\"d e\"\r\na\r\n0;x\r\nTrailer: y\r\nOther: z\r\n\r\n", 3) ==
                       ChunkedDecoder::State::DONE);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), _body);
    }

    void refusesWhatTwoReadersCouldUnderstandDifferently()
    {
        using namespace std::string_literals;
        for (const std::string& text : {"\r\n"s,
                                        "x\r\na\r\n"s,
                                        "+1\r\na\r\n"s,
                                        "-1\r\na\r\n"s,
                                        "0x1\r\na\r\n"s,
                                        " 1\r\na\r\n"s,
                                        "1 \r\na\r\n"s,
                                        "1\na\r\n"s,
                                        "1\r\na\n"s,
                                        "1\r\nab\r\n"s,
                                        "1\r\na\r\r\n"s,
                                        "1;a\nb\r\n"s,
                                        "1;\0\r\n"s,
                                        "1\rX"s,
                                        "0\r\n\n"s,
                                        "0\r\n X: folded\r\n\r\n"s,
                                        "0\r\nX: a\n\r\n"s,
                                        "0\r\n\rX"s,
                                        ";a\r\n"s,
                                        "1000000000000\r\n"s})
            CPPUNIT_ASSERT_MESSAGE(text, decode(text, 1) == ChunkedDecoder::State::MALFORMED);
    }

    void boundsTheBody()
    {
        CPPUNIT_ASSERT(decode("A\r\n0123456789\r\n0\r\n\r\n", 4, 10) == ChunkedDecoder::State::DONE);
        CPPUNIT_ASSERT(decode("B\r\n0123456789a\r\n0\r\n\r\n", 4, 10) == ChunkedDecoder::State::TOO_LARGE);
        CPPUNIT_ASSERT(decode("5\r\n01234\r\n6\r\n", 4, 10) == ChunkedDecoder::State::TOO_LARGE);
        CPPUNIT_ASSERT(decode("FFFFFFFFFFFF\r\n", 4, 10) == ChunkedDecoder::State::TOO_LARGE);
    }

    void boundsWhatSurroundsTheData()
    {
        CPPUNIT_ASSERT(decode("1;" + std::string(10000, 'a'), 100) == ChunkedDecoder::State::MALFORMED);
        CPPUNIT_ASSERT(decode("0\r\nX: " + std::string(10000, 'a'), 100) == ChunkedDecoder::State::MALFORMED);
        std::string many;
        for (int i = 0; i < 3000; ++i)
            many += "1;ext\r\na\r\n";
        CPPUNIT_ASSERT(decode(many, 100, 100000) == ChunkedDecoder::State::MALFORMED);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChunkedDecoderTest);

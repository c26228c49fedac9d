#include "net/http/HeadParser.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <string_view>
#include <vector>

using tenon::net::HeadParser;
using tenon::net::RequestHead;

namespace
{

struct Case
{
    std::string_view name;
    std::string text;
    int status; ///< 0: accepted
};

std::string with(std::string_view line)
{
    return "POST /mcp HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n";
}

} // namespace

class HeadParserTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HeadParserTest);
    CPPUNIT_TEST(readsAWholeHead);
    CPPUNIT_TEST(readsTargets);
    CPPUNIT_TEST(refusesWhatTwoReadersCouldUnderstandDifferently);
    CPPUNIT_TEST(acceptsWhatIsUnusualButClear);
    CPPUNIT_TEST(keepsConnectionsAsTheVersionSays);
    CPPUNIT_TEST(joinsRepeatedFields);
    CPPUNIT_TEST(refusesEveryControlCharacterInValues);
    CPPUNIT_TEST(isIncompleteAtEveryCutAndNeverReadsBeyond);
    CPPUNIT_TEST(scanFindsTheEndWhateverTheSteps);
    CPPUNIT_TEST(boundsTheHead);
    CPPUNIT_TEST_SUITE_END();

    RequestHead _head;
    HeadParser::Limits _limits;

    HeadParser::Result parse(std::string_view text) { return HeadParser::parse(text, _limits, _head); }

    void check(const std::vector<Case>& cases)
    {
        for (const Case& test : cases)
        {
            const auto result = parse(test.text);
            const int status = result.state == HeadParser::State::COMPLETE     ? 0
                               : result.state == HeadParser::State::INCOMPLETE ? -1
                                                                               : result.status;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(test.name), test.status, status);
        }
    }

public:
    void readsAWholeHead()
    {
        const std::string text = "POST /mcp?a=b&c HTTP/1.1\r\nHost: localhost:8080\r\ncontent-length:  12 \r\n"
                                 "Mcp-Session-Id:\tabc\t\r\nExpect: 100-Continue\r\nX-Empty:\r\n\r\n{\"rest\"";
        CPPUNIT_ASSERT(parse(text).state == HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(std::string_view("POST"), _head.method);
        CPPUNIT_ASSERT_EQUAL(std::string_view("/mcp"), _head.path);
        CPPUNIT_ASSERT_EQUAL(std::string_view("a=b&c"), _head.query);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(12), _head.contentLength);
        CPPUNIT_ASSERT_EQUAL(text.find("{"), _head.length);
        CPPUNIT_ASSERT(_head.keepAlive && _head.expectsContinue && !_head.chunked);
        CPPUNIT_ASSERT_EQUAL(std::string_view("abc"), _head.header("MCP-SESSION-ID"));
        std::string_view value = "unchanged";
        CPPUNIT_ASSERT(_head.header("x-empty", value));
        CPPUNIT_ASSERT(value.empty());
        CPPUNIT_ASSERT(!_head.header("X-Absent", value));
    }

    void readsTargets()
    {
        CPPUNIT_ASSERT(parse("GET http://Example.com:80/a/b?q HTTP/1.1\r\nHost: example.com:80\r\n\r\n").state ==
                       HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(std::string_view("/a/b"), _head.path);
        CPPUNIT_ASSERT_EQUAL(std::string_view("q"), _head.query);
        CPPUNIT_ASSERT(parse("GET https://example.com HTTP/1.1\r\nHost: example.com\r\n\r\n").state ==
                       HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(std::string_view("/"), _head.path);
        CPPUNIT_ASSERT(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").state == HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(std::string_view("*"), _head.path);
    }

    void refusesWhatTwoReadersCouldUnderstandDifferently()
    {
        using namespace std::string_literals;
        check({
            {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
            {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
            {"bare LF as the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
            {"bare CR in a value", with("X: a\rb"), 400},
            {"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
            {"NUL in a value", with("X: a\0b"s), 400},
            {"NUL in a name", with("X\0: a"s), 400},
            {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
            {"space before the colon", with("Content-Length : 5"), 400},
            {"tab before the colon", with("Transfer-Encoding\t: chunked"), 400},
            {"no name", with(": a"), 400},
            {"no colon", with("Content-Length"), 400},
            {"folded line", with("X: a\r\n b"), 400},
            {"folded with a tab", with("X: a\r\n\tContent-Length: 5"), 400},
            {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
            {"signed length", with("Content-Length: +5"), 400},
            {"negative length", with("Content-Length: -5"), 400},
            {"hexadecimal length", with("Content-Length: 0x5"), 400},
            {"fraction length", with("Content-Length: 5.0"), 400},
            {"empty length", with("Content-Length:"), 400},
            {"length with a space inside", with("Content-Length: 1 0"), 400},
            {"length beyond 64 bits", with("Content-Length: 18446744073709551617"), 400},
            {"two equal lengths", with("Content-Length: 5\r\nContent-Length: 5"), 400},
            {"two lengths", with("Content-Length: 5\r\nContent-Length: 6"), 400},
            {"a list of lengths", with("Content-Length: 5, 5"), 400},
            {"length and chunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400},
            {"chunked and length", with("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400},
            {"chunked twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
            {"chunked, chunked", with("Transfer-Encoding: chunked, chunked"), 501},
            {"gzip, chunked", with("Transfer-Encoding: gzip, chunked"), 501},
            {"identity", with("Transfer-Encoding: identity"), 501},
            {"xchunked", with("Transfer-Encoding: xchunked"), 501},
            {"quoted chunked", with("Transfer-Encoding: \"chunked\""), 501},
            {"vertical tab before chunked", with("Transfer-Encoding: \vchunked"), 400},
            {"empty coding", with("Transfer-Encoding:"), 501},
            {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
            {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
            {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
            {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
            {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
            {"Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
            {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
            {"Host against the target", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"space at the end of the request line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
            {"space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"byte over 127 in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"authority form", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
            {"star with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"lower-case http", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
            {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
            {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
            {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
            {"TLS on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"s, 400},
            {"expectation", with("Expect: a-miracle"), 417},
            {"repeated Content-Type", with("Content-Type: application/json\r\nContent-Type: text/plain"), 400},
            {"repeated Authorization", with("Authorization: a\r\nAuthorization: b"), 400},
            {"repeated Origin", with("Origin: http://a\r\norigin: http://b"), 400},
            {"repeated session", with("Mcp-Session-Id: a\r\nMCP-SESSION-ID: b"), 400},
            {"repeated version", with("MCP-Protocol-Version: a\r\nMCP-Protocol-Version: b"), 400},
            {"repeated method", with("Mcp-Method: a\r\nMcp-Method: b"), 400},
            {"repeated name", with("Mcp-Name: a\r\nMcp-Name: b"), 400},
            {"repeated parameter", with("Mcp-Param-Region: a\r\nmcp-param-region: b"), 400},
            {"empty line, then LF", "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
            {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        });
    }

    void acceptsWhatIsUnusualButClear()
    {
        check({
            {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
            {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0},
            {"chunked in capitals", with("Transfer-Encoding: CHUNKED"), 0},
            {"length with zeros", with("Content-Length: 0005"), 0},
            {"bytes over 127 in a value", with("X: \xc3\xa4"), 0},
            {"tab in a value", with("X: a\tb"), 0},
            {"colon in a value", with("X: a:b"), 0},
            {"no space after the colon", with("X:a"), 0},
            {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0},
            {"IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0},
            {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        });
    }

    void keepsConnectionsAsTheVersionSays()
    {
        CPPUNIT_ASSERT(parse(with("X: a")).state == HeadParser::State::COMPLETE && _head.keepAlive);
        CPPUNIT_ASSERT(parse(with("Connection: foo, Close")).state == HeadParser::State::COMPLETE && !_head.keepAlive);
        CPPUNIT_ASSERT(parse("GET / HTTP/1.0\r\n\r\n").state == HeadParser::State::COMPLETE && !_head.keepAlive);
        CPPUNIT_ASSERT(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").state == HeadParser::State::COMPLETE &&
                       _head.keepAlive);
        CPPUNIT_ASSERT(parse(with("Connection: keep-alive\r\nConnection: close")).state ==
                           HeadParser::State::COMPLETE &&
                       !_head.keepAlive);
    }

    void joinsRepeatedFields()
    {
        const auto text = with("X-Forwarded-For: 1.1.1.1\r\nX: a\r\nx-forwarded-for: 2.2.2.2"); // the head borrows it
        CPPUNIT_ASSERT(parse(text).state == HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(std::string_view("1.1.1.1, 2.2.2.2"), _head.header("X-Forwarded-For"));
        CPPUNIT_ASSERT_EQUAL(std::string_view("a"), _head.header("X"));
    }

    void refusesEveryControlCharacterInValues()
    {
        // At every place of words and rests: the check takes eight bytes at a time.
        for (int c = 0; c < 256; ++c)
            for (std::size_t at = 0; at < 20; ++at)
            {
                std::string value(20, 'v');
                value[at] = static_cast<char>(c);
                const bool bad = (c < 0x20 && c != '\t') || c == 0x7f;
                const auto result = parse("GET / HTTP/1.1\r\nHost: a\r\nX: " + value + "\r\n\r\n");
                CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(c) + " at " + std::to_string(at), bad,
                                             result.state == HeadParser::State::REFUSED);
            }
    }

    void isIncompleteAtEveryCutAndNeverReadsBeyond()
    {
        const std::string whole = "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Long: abcdefgh\r\n\r\n";
        for (std::size_t size = 0; size < whole.size(); ++size)
        {
            const std::string cut = whole.substr(0, size); // a copy, so that a sanitizer sees a byte too many
            CPPUNIT_ASSERT_MESSAGE(cut, parse(cut).state == HeadParser::State::INCOMPLETE);
        }
        CPPUNIT_ASSERT(parse(whole).state == HeadParser::State::COMPLETE);
    }

    void scanFindsTheEndWhateverTheSteps()
    {
        const std::string whole = "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        for (std::size_t step = 1; step < whole.size(); ++step)
        {
            std::size_t scanned = 0, size = 0;
            HeadParser::State state = HeadParser::State::INCOMPLETE;
            while (state == HeadParser::State::INCOMPLETE && size < whole.size())
            {
                size = std::min(size + step, whole.size());
                state = HeadParser::scan(std::string_view(whole).substr(0, size), _limits, scanned).state;
            }
            CPPUNIT_ASSERT(state == HeadParser::State::COMPLETE);
            CPPUNIT_ASSERT(parse(whole.substr(0, size)).state == HeadParser::State::COMPLETE);
        }
        std::size_t scanned = 0;
        const std::string bare = "GET / HTTP/1.1\r\nHost: a\n";
        CPPUNIT_ASSERT_EQUAL(400, HeadParser::scan(bare, _limits, scanned).status);
    }

    void boundsTheHead()
    {
        _limits = {1024, 256};
        CPPUNIT_ASSERT_EQUAL(414, parse("GET /" + std::string(300, 'a')).status);
        CPPUNIT_ASSERT_EQUAL(414, parse("GET /" + std::string(300, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status);
        CPPUNIT_ASSERT_EQUAL(414, parse("GET /" + std::string(3000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status);
        CPPUNIT_ASSERT_EQUAL(431, parse(with("X: " + std::string(1100, 'a'))).status);
        CPPUNIT_ASSERT_EQUAL(431, parse("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1100, 'a')).status);
        std::size_t scanned = 0;
        CPPUNIT_ASSERT_EQUAL(
            431, HeadParser::scan("GET / HTTP/1.1\r\nX: " + std::string(1100, 'a'), _limits, scanned).status);
        scanned = 0;
        CPPUNIT_ASSERT_EQUAL(414, HeadParser::scan("GET /" + std::string(300, 'a'), _limits, scanned).status);

        _limits = {};
        std::string many;
        for (std::size_t i = 0; i < RequestHead::MOST - 1; ++i)
            many += "A: b\r\n";
        CPPUNIT_ASSERT(parse("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n").state == HeadParser::State::COMPLETE);
        CPPUNIT_ASSERT_EQUAL(431, parse("GET / HTTP/1.1\r\nHost: a\r\n" + many + "A: b\r\n\r\n").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeadParserTest);

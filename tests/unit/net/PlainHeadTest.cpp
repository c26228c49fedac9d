#include "net/http/PlainHead.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace tenon::net;

class PlainHeadTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PlainHeadTest);
    CPPUNIT_TEST(takesWhatClientsSend);
    CPPUNIT_TEST(leavesTheRestToTheOther);
    CPPUNIT_TEST(agreesWithTheOtherOnEveryByte);
    CPPUNIT_TEST(whatIsKeptChangesNothing);
    CPPUNIT_TEST_SUITE_END();

    const HeadParser::Limits _limits;
    RequestHead _plain, _any;
    HeadMemory _memory;

    static std::string with(const std::string& line) { return "POST /mcp HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n"; }

    bool agree(std::string_view text)
    {
        if (!PlainHead::parse(text, _limits, _plain, _memory))
            return true;
        if (HeadParser::parse(text, _limits, _any).state != HeadParser::State::COMPLETE ||
            _plain.method != _any.method || _plain.path != _any.path || _plain.query != _any.query ||
            _plain.contentLength != _any.contentLength || _plain.length != _any.length ||
            _plain.keepAlive != _any.keepAlive || _any.chunked || _any.expectsContinue ||
            _plain.fieldCount() != _any.fieldCount())
            return false;
        for (std::size_t i = 0; i < _plain.fieldCount(); ++i)
            if (_plain.field(i).name != _any.field(i).name || _plain.field(i).value != _any.field(i).value)
                return false;
        return true;
    }

public:
    void takesWhatClientsSend()
    {
        const std::string text =
            "POST /mcp?a=b HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nconnection: keep-alive\r\naccept: application/json, "
            "text/event-stream\r\ncontent-type: application/json\r\nmcp-protocol-version: 2026-07-28\r\nmcp-method: "
            "tools/call\r\nmcp-name: add\r\naccept-language: *\r\nuser-agent: node\r\naccept-encoding: gzip, "
            "deflate\r\ncontent-length: 196\r\nX-Empty:\r\n\r\n{";
        CPPUNIT_ASSERT(PlainHead::parse(text, _limits, _plain, _memory));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(196), _plain.contentLength);
        CPPUNIT_ASSERT_EQUAL(std::string_view("tools/call"), _plain.header("Mcp-Method"));
        CPPUNIT_ASSERT_EQUAL(text.size() - 1, _plain.length);
        CPPUNIT_ASSERT(_plain.has("x-empty") && !_plain.has("Origin"));
        CPPUNIT_ASSERT(agree(text));
    }

    void leavesTheRestToTheOther()
    {
        for (const std::string& text : {std::string("GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
                                        std::string("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                                        std::string("GET / HTTP/1.1\r\n\r\n"),
                                        with("Transfer-Encoding: chunked"),
                                        with("Expect: 100-continue"),
                                        with("Host: a"),
                                        with("Origin: a\r\nOrigin: b"),
                                        with("Mcp-Param-X: a"),
                                        with("X: \xC3\xA9"),
                                        with("X:  a"),
                                        with("X: a "),
                                        with("X:\ta"),
                                        with("X : a"),
                                        with("Content-Length: 1\r\nContent-Length: 1"),
                                        with("Connection: upgrade"),
                                        with("Content-Length: 1234567890123456"),
                                        with("X: a\nb"),
                                        with(": a"),
                                        std::string("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                                        std::string("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n")})
            CPPUNIT_ASSERT_MESSAGE(text, !PlainHead::parse(text, _limits, _plain, _memory));
        const HeadParser::Limits small{40, 4};
        HeadMemory other;
        CPPUNIT_ASSERT(!PlainHead::parse("GET /12345 HTTP/1.1\r\nHost: a\r\n\r\n", small, _plain, other));
        CPPUNIT_ASSERT(!PlainHead::parse("GET /1 HTTP/1.1\r\nHost: aaaaaaaaaaaaaaa\r\n\r\n", small, _plain, other));
    }

    /// A client's next head has lines more, fewer, in another place, longer, shorter, or of another kind.
    void whatIsKeptChangesNothing()
    {
        const std::string kept = with("Content-Length: 12\r\nConnection: close\r\nMcp-Name: echo\r\nX-A: 1\r\nX-B: 2");
        for (const std::string& text :
             {kept, with("Content-Length: 7\r\nConnection: close\r\nMcp-Name: echo\r\nX-A: 1\r\nX-B: 2"),
              with("Content-Length: 12345\r\nConnection: keep-alive\r\nMcp-Name: echoes\r\nX-A: 1\r\nX-B: 2"),
              with("Content-Length: 12\r\nConnection: close"), with("X-B: 2\r\nX-A: 1\r\nContent-Length: 12"),
              with("Content-Length: 12\r\nX-A: 1\r\nX-A: 1\r\nConnection: close\r\nMcp-Name: echo\r\nX-B: 2"),
              with("Content-Length: 12\r\nConnection: close\r\nMcp-Name: echo\r\nX-A: 1\r\nX-B: 2\r\nOrigin: http://a"),
              std::string("GET /mcp/more?a=b HTTP/1.1\r\nHost: b\r\nContent-Length: 12\r\n\r\n"),
              std::string("POST /mcp HTTP/1.1\r\nX-B: 2\r\nHost: a\r\n\r\n")})
        {
            CPPUNIT_ASSERT(PlainHead::parse(kept, _limits, _plain, _memory));
            CPPUNIT_ASSERT_MESSAGE(text, PlainHead::parse(text, _limits, _plain, _memory) && agree(text));
            CPPUNIT_ASSERT_MESSAGE(text, PlainHead::parse(text, _limits, _plain, _memory) && agree(text));
        }
        for (const std::string& text : {with("Content-Length: 12\r\nConnection: close\r\nContent-Length: 12"),
                                        with("Content-Length: 12\r\nConnection: close\r\nMcp-Name: echo\r\nHost: a"),
                                        std::string("POST /mcp HTTP/1.1\r\nContent-Length: 12\r\n\r\n")})
        {
            CPPUNIT_ASSERT(PlainHead::parse(kept, _limits, _plain, _memory));
            CPPUNIT_ASSERT_MESSAGE(text, !PlainHead::parse(text, _limits, _plain, _memory));
        }
    }

    void agreesWithTheOtherOnEveryByte()
    {
        const std::string text =
            with("Content-Length: 12\r\nConnection: close\r\nX-Some-Header: some value, long enough "
                 "for two looks\r\nOrigin: http://a");
        for (std::size_t at = 0; at < text.size(); ++at)
        {
            CPPUNIT_ASSERT(!PlainHead::parse(std::string_view(text).substr(0, at), _limits, _plain, _memory));
            for (int byte = 0; byte < 256; ++byte)
            {
                std::string changed = text;
                changed[at] = static_cast<char>(byte);
                CPPUNIT_ASSERT_MESSAGE(changed, agree(changed));
                if (byte % 16 != 0)
                    continue;
                CPPUNIT_ASSERT(agree(text)); // which is what is kept then
                changed = text;
                CPPUNIT_ASSERT_MESSAGE(changed, agree(changed.insert(at, 1, static_cast<char>(byte))));
                CPPUNIT_ASSERT_MESSAGE(changed, agree(changed.erase(at, 1 + byte / 16U)));
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PlainHeadTest);

#include "net/http/WebSocketHandshake.h"
#include "net/http/HeadParser.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace tenon::net;

namespace
{

struct Asked
{
    std::string version = "1.1";
    std::string connection = "Upgrade";
    std::string upgrade = "websocket";
    std::string webSocketVersion = "13";
    std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    std::string more;
};

/// Keeps the text that the head borrows.
WebSocketHandshake answerTo(const Asked& asked, bool& asks)
{
    const std::string text = "GET /mcp HTTP/" + asked.version + "\r\nHost: here\r\nConnection: " + asked.connection +
                             "\r\nUpgrade: " + asked.upgrade + "\r\nSec-WebSocket-Version: " + asked.webSocketVersion +
                             "\r\nSec-WebSocket-Key: " + asked.key + "\r\n" + asked.more + "\r\n";
    RequestHead head;
    CPPUNIT_ASSERT(HeadParser::parse(text, HeadParser::Limits(), head).state == HeadParser::State::COMPLETE);
    asks = asksForWebSocket(head);
    return WebSocketHandshake::read(head);
}

int statusOf(const Asked& asked)
{
    bool asks = false;
    const int status = answerTo(asked, asks).status;
    CPPUNIT_ASSERT(asks);
    return status;
}

} // namespace

class WebSocketHandshakeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WebSocketHandshakeTest);
    CPPUNIT_TEST(answersWhatTheStandardShows);
    CPPUNIT_TEST(takesWhatBrowsersSend);
    CPPUNIT_TEST(refusesWhatItDoesNotSpeak);
    CPPUNIT_TEST(leavesOtherRequestsAlone);
    CPPUNIT_TEST_SUITE_END();

public:
    void answersWhatTheStandardShows()
    {
        bool asks = false;
        Asked asked;
        asked.more = "Sec-WebSocket-Protocol: chat, mcp\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
        const auto answer = answerTo(asked, asks);
        CPPUNIT_ASSERT(asks);
        CPPUNIT_ASSERT_EQUAL(101, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                         "Sec-WebSocket-Protocol: mcp\r\n"),
                             answer.headers);
    }

    void takesWhatBrowsersSend()
    {
        Asked firefox;
        firefox.connection = "keep-alive, Upgrade";
        firefox.upgrade = "WebSocket";
        CPPUNIT_ASSERT_EQUAL(101, statusOf(firefox));
        bool asks = false;
        CPPUNIT_ASSERT(answerTo(firefox, asks).headers.find("Protocol") == std::string::npos);
    }

    void refusesWhatItDoesNotSpeak()
    {
        Asked asked;
        asked.webSocketVersion = "8";
        bool asks = false;
        const auto old = answerTo(asked, asks);
        CPPUNIT_ASSERT_EQUAL(426, old.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Sec-WebSocket-Version: 13\r\n"), old.headers);
        for (const char* key : {"", "x", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZQ==x"})
        {
            Asked bad;
            bad.key = key;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, 400, statusOf(bad));
        }
        Asked other, bare, ancient, heavy;
        other.more = "Sec-WebSocket-Protocol: chat\r\n";
        bare.connection = "keep-alive";
        ancient.version = "1.0";
        heavy.more = "Content-Length: 3\r\n";
        for (const Asked& bad : {other, bare, ancient, heavy})
            CPPUNIT_ASSERT_EQUAL(400, statusOf(bad));
    }

    void leavesOtherRequestsAlone()
    {
        bool asks = true;
        Asked asked;
        asked.upgrade = "h2c";
        (void)answerTo(asked, asks);
        CPPUNIT_ASSERT(!asks);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketHandshakeTest);

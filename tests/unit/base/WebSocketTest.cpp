#include "base/websocket/WebSocketFrame.h"
#include "base/websocket/WebSocketReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace tenon::base;
using Kind = WebSocketReader::Kind;
using Frame = WebSocketFrame;

namespace
{

constexpr WebSocketFrame::Mask MASK = {'\x37', '\xfa', '\x21', '\x3d'};
constexpr std::size_t LARGEST = 70'000;

/// A frame as a client sends it.
std::string masked(unsigned opcode, std::string payload, bool final = true)
{
    WebSocketFrame frame;
    frame.opcode = static_cast<std::uint8_t>(opcode);
    frame.final = final;
    frame.masked = true;
    frame.mask = MASK;
    frame.payloadBytes = payload.size();
    std::string bytes;
    frame.append(bytes);
    maskWebSocket(payload, MASK);
    return bytes + payload;
}

std::string closing(std::uint16_t status, const std::string& reason = "")
{
    return masked(Frame::CLOSE, webSocketClosePayload(status, reason));
}

std::string word(Kind kind)
{
    switch (kind)
    {
    case Kind::NOTHING:
        return "nothing";
    case Kind::MESSAGE:
        return "message";
    case Kind::PING:
        return "ping";
    case Kind::PONG:
        return "pong";
    case Kind::CLOSE:
        return "close";
    case Kind::FAULT:
        return "fault";
    }
    return {};
}

/// What a reader makes of `bytes` that come in pieces of `piece`: "message:text", "close 1000:reason", …
std::vector<std::string> readAll(const std::string& bytes, std::size_t piece,
                                 WebSocketReader::From from = WebSocketReader::From::CLIENT)
{
    WebSocketReader reader(from, LARGEST);
    std::vector<std::string> seen;
    std::string kept;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
    {
        kept.append(bytes, at, piece);
        std::span<char> rest(kept);
        for (;;)
        {
            const auto event = reader.next(rest);
            if (event.kind == Kind::NOTHING)
                break;
            std::string text = word(event.kind);
            if (event.status != 0)
                text += ' ' + std::to_string(event.status);
            seen.push_back(event.kind == Kind::FAULT ? text : text + ':' + std::string(event.data));
            if (event.kind == Kind::FAULT || event.kind == Kind::CLOSE)
                return seen;
        }
        kept.erase(0, kept.size() - rest.size());
    }
    return seen;
}

using Seen = std::vector<std::string>;

/// However the bytes are cut.
void expect(const std::string& bytes, const Seen& wanted, const std::string& what)
{
    for (const std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(1000), bytes.size()})
    {
        const Seen seen = readAll(bytes, std::max<std::size_t>(piece, 1));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, wanted.size(), seen.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, wanted[i], seen[i]);
    }
}

} // namespace

class WebSocketTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WebSocketTest);
    CPPUNIT_TEST(headsComeBackAsTheyWere);
    CPPUNIT_TEST(answersTheKeyOfTheStandard);
    CPPUNIT_TEST(readsMessagesOfAllLengths);
    CPPUNIT_TEST(joinsFragmentsWithControlFramesBetween);
    CPPUNIT_TEST(refusesFramesThatAreNone);
    CPPUNIT_TEST(refusesFragmentsOutOfTurn);
    CPPUNIT_TEST(refusesWhatIsNoText);
    CPPUNIT_TEST(saysSoBeforeTheMessageEnds);
    CPPUNIT_TEST(cutsCharactersAcrossFragments);
    CPPUNIT_TEST(refusesMessagesThatAreTooLarge);
    CPPUNIT_TEST(readsCloseFrames);
    CPPUNIT_TEST(readsServers);
    CPPUNIT_TEST(holdsNothingBetweenMessages);
    CPPUNIT_TEST_SUITE_END();

public:
    void headsComeBackAsTheyWere()
    {
        for (const std::uint64_t length : {0ULL, 1ULL, 125ULL, 126ULL, 127ULL, 65535ULL, 65536ULL, 1ULL << 40U})
            for (const bool mask : {false, true})
            {
                WebSocketFrame frame, read;
                frame.payloadBytes = length;
                frame.masked = mask;
                frame.mask = MASK;
                frame.final = !mask;
                std::string bytes;
                frame.append(bytes);
                std::string_view fault;
                for (std::size_t less = 1; less <= bytes.size(); ++less)
                    CPPUNIT_ASSERT(WebSocketFrame::read(bytes.substr(0, bytes.size() - less), read, fault) ==
                                   WebSocketFrame::Found::NOTHING);
                CPPUNIT_ASSERT(WebSocketFrame::read(bytes, read, fault) == WebSocketFrame::Found::HEAD);
                CPPUNIT_ASSERT_EQUAL(length, read.payloadBytes);
                CPPUNIT_ASSERT_EQUAL(bytes.size(), read.headBytes);
                CPPUNIT_ASSERT_EQUAL(mask, read.masked);
                CPPUNIT_ASSERT_EQUAL(!mask, read.final);
            }
    }

    void answersTheKeyOfTheStandard()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), webSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="));
        CPPUNIT_ASSERT_EQUAL(std::string("\x81\x05Hello"), webSocketFrame(Frame::TEXT, "Hello"));
        CPPUNIT_ASSERT_EQUAL(std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), masked(Frame::TEXT, "Hello"));
    }

    void readsMessagesOfAllLengths()
    {
        for (const std::size_t length : {0U, 1U, 125U, 126U, 127U, 128U, 65535U, 65536U, 65537U})
        {
            const std::string text(length, '*');
            expect(masked(Frame::TEXT, text) + masked(Frame::TEXT, "next"), {"message:" + text, "message:next"},
                   std::to_string(length));
        }
    }

    void joinsFragmentsWithControlFramesBetween()
    {
        expect(masked(Frame::TEXT, "one ", false) + masked(Frame::PING, "are you there?") +
                   masked(Frame::CONTINUATION, "", false) + masked(Frame::PONG, "") +
                   masked(Frame::CONTINUATION, "two") + masked(Frame::TEXT, "three"),
               {"ping:are you there?", "pong:", "message:one two", "message:three"}, "fragments");
    }

    void refusesFramesThatAreNone()
    {
        for (const unsigned bits : {0x40U, 0x20U, 0x10U, 0x70U})
        {
            std::string frame = masked(Frame::TEXT, "x");
            frame[0] = static_cast<char>(static_cast<unsigned char>(frame[0]) | bits);
            expect(frame, {"fault 1002"}, "reserved bit " + std::to_string(bits));
        }
        for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
            expect(masked(opcode, ""), {"fault 1002"}, "opcode " + std::to_string(opcode));
        for (const unsigned opcode : {Frame::CLOSE, Frame::PING, Frame::PONG})
        {
            expect(masked(opcode, "", false), {"fault 1002"}, "control frame in fragments");
            expect(masked(opcode, std::string(126, 'x')), {"fault 1002"}, "large control frame");
        }
        expect(webSocketFrame(Frame::TEXT, "bare"), {"fault 1002"}, "no mask");
        expect(std::string("\x81\xff\x80\0\0\0\0\0\0\0....", 14), {"fault 1002"}, "64 bits");
    }

    void refusesFragmentsOutOfTurn()
    {
        expect(masked(Frame::CONTINUATION, "x"), {"fault 1002"}, "nothing to continue");
        expect(masked(Frame::CONTINUATION, "x", false), {"fault 1002"}, "nothing to continue, not final");
        expect(masked(Frame::TEXT, "x", false) + masked(Frame::TEXT, "y"), {"fault 1002"}, "two at once");
        expect(masked(Frame::TEXT, "x") + masked(Frame::CONTINUATION, "y"), {"message:x", "fault 1002"}, "late");
    }

    void refusesWhatIsNoText()
    {
        expect(masked(Frame::BINARY, "x"), {"fault 1003"}, "binary");
        for (const std::string bad :
             {"\x80", "\xbf", "\xce", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe",
              "\xff", "ok \xce\xba\xe1\xbd\xb9\xed\xa0\x80 ed", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xe2\x82"})
            expect(masked(Frame::TEXT, bad), {"fault 1007"}, bad);
        for (const std::string good : {"", "\xce\xba\xe1\xbd\xb9", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf",
                                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xef\xbf\xbd"})
            expect(masked(Frame::TEXT, good), {"message:" + good}, good);
    }

    void saysSoBeforeTheMessageEnds()
    {
        expect(masked(Frame::TEXT, "fine \xf4\x90", false), {}, "a beginning that may go on, as far as we look");
        expect(masked(Frame::TEXT, "fine \xf4\x90\x80\x80", false), {"fault 1007"}, "no end is needed");
    }

    void cutsCharactersAcrossFragments()
    {
        const std::string text = "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8c\x8d";
        std::string bytes;
        for (std::size_t i = 0; i < text.size(); ++i)
            bytes += masked(i == 0 ? Frame::TEXT : Frame::CONTINUATION, text.substr(i, 1), i + 1 == text.size());
        expect(bytes, {"message:" + text}, "a byte a fragment");
    }

    void refusesMessagesThatAreTooLarge()
    {
        // The head alone is enough.
        WebSocketFrame frame;
        frame.masked = true;
        frame.payloadBytes = LARGEST + 1;
        std::string head;
        frame.append(head);
        expect(head, {"fault 1009"}, "one frame");
        expect(masked(Frame::TEXT, std::string(LARGEST, 'x')), {"message:" + std::string(LARGEST, 'x')}, "just fits");
        expect(masked(Frame::TEXT, std::string(LARGEST, 'x'), false) + masked(Frame::CONTINUATION, "x"), {"fault 1009"},
               "together");
        frame.payloadBytes = (1ULL << 63U) - 1;
        head.clear();
        frame.append(head);
        expect(head, {"fault 1009"}, "the largest there is");
    }

    void readsCloseFrames()
    {
        expect(masked(Frame::CLOSE, ""), {"close 1005:"}, "without a status");
        expect(masked(Frame::CLOSE, "x"), {"fault 1002"}, "half a status");
        expect(closing(1000, "bye"), {"close 1000:bye"}, "reason");
        expect(closing(1000, "\xff"), {"fault 1007"}, "reason that is no text");
        for (const std::uint16_t good : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
            expect(closing(good), {"close " + std::to_string(good) + ":"}, std::to_string(good));
        for (const std::uint16_t bad : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
            expect(closing(bad), {"fault 1002"}, std::to_string(bad));
        CPPUNIT_ASSERT_EQUAL(WebSocketFrame::MAX_CONTROL_BYTES,
                             webSocketClosePayload(1000, std::string(500, 'x')).size());
    }

    void readsServers()
    {
        const std::string bytes = webSocketFrame(Frame::TEXT, "hello") + masked(Frame::TEXT, "x");
        const Seen seen = readAll(bytes, bytes.size(), WebSocketReader::From::SERVER);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), seen.size());
        CPPUNIT_ASSERT_EQUAL(std::string("message:hello"), seen[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("fault 1002"), seen[1]);
    }

    void holdsNothingBetweenMessages()
    {
        WebSocketReader reader(WebSocketReader::From::CLIENT, LARGEST);
        std::string bytes = masked(Frame::TEXT, std::string(3000, 'x'), false) + masked(Frame::CONTINUATION, "y");
        std::span<char> rest(bytes);
        CPPUNIT_ASSERT(reader.next(rest).kind == Kind::MESSAGE);
        CPPUNIT_ASSERT(reader.next(rest).kind == Kind::NOTHING);
        CPPUNIT_ASSERT(!reader.inMessage());
        CPPUNIT_ASSERT(reader.heldBytes() < 100);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketTest);

#include "net/http/SseFrame.h"

#include <cppunit/extensions/HelperMacros.h>

using tenon::net::SseFrame;

class SseFrameTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SseFrameTest);
    CPPUNIT_TEST(writesFields);
    CPPUNIT_TEST(primesWithAnEmptyDataLine);
    CPPUNIT_TEST(givesEachLineItsOwnField);
    CPPUNIT_TEST(leavesOutWhatWouldForgeFields);
    CPPUNIT_TEST_SUITE_END();

    static std::string frame(const SseFrame& frame, std::string_view data)
    {
        std::string out;
        frame.append(out, data);
        return out;
    }

public:
    void writesFields()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("data: {}\n\n"), frame({}, "{}"));
        CPPUNIT_ASSERT_EQUAL(std::string("event: message\nid: s_1\ndata: {}\n\n"), frame({"message", "s_1"}, "{}"));
    }

    void primesWithAnEmptyDataLine()
    {
        // Clients drop an event without a data line, and with it the id.
        CPPUNIT_ASSERT_EQUAL(std::string("id: s_0\nretry: 500\ndata: \n\n"), frame({{}, "s_0", 500}, ""));
    }

    void givesEachLineItsOwnField()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"),
                             frame({}, "a\nb\r\nc\rd\n"));
    }

    void leavesOutWhatWouldForgeFields()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("data: a\n\n"), frame({"x\ndata: forged", "7\r\nid: 8"}, "a"));
        CPPUNIT_ASSERT_EQUAL(std::string("data: a\n\n"), frame({{}, std::string_view("7\0", 2)}, "a"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SseFrameTest);

#include "ops/log/LogLine.h"
#include "base/text/LogEscape.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::ops;

class LogLineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LogLineTest);
    CPPUNIT_TEST(text);
    CPPUNIT_TEST(json);
    CPPUNIT_TEST(injection);
    CPPUNIT_TEST(secrets);
    CPPUNIT_TEST(secretsInTargets);
    CPPUNIT_TEST_SUITE_END();

public:
    void text()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("call ended tool=echo title=\"two words\" duration_us=12"),
                             LogLine(false, "call ended")
                                 .add("tool", "echo")
                                 .add("title", "two words")
                                 .add("none", "")
                                 .add("duration_us", 12)
                                 .text());
    }

    void json()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"event":"call ended","tool":"a\"b","duration_us":12})"),
                             LogLine(true, "call ended").add("tool", "a\"b").add("duration_us", 12).text());
    }

    void injection()
    {
        const std::string evil = "x\r\n2027 session opened principal=root\x1b[2J";
        const std::string line = LogLine(false, "event").add("tool", evil).add("next", "a\" status=\"200").text();
        CPPUNIT_ASSERT_EQUAL(std::string("event tool=\"x\\x0d\\x0a2027 session opened principal=root\\x1b[2J\" "
                                         "next=\"a\\x22 status=\\x22200\""),
                             line);
        CPPUNIT_ASSERT(LogLine(true, "event").add("tool", evil).text().find('\n') == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa4"), tenon::base::logEscaped("\xc3\xa4"));
        CPPUNIT_ASSERT_EQUAL(std::string("\\x00"), tenon::base::logEscaped(std::string_view("\0", 1)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("C1, as terminals read it", std::string("\\xc2\\x9b\xc2\xa0"),
                                     tenon::base::logEscaped("\xc2\x9b\xc2\xa0"));
    }

    void secrets()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("event Authorization=*** token=***"),
                             LogLine(false, "event").add("Authorization", "Bearer abc").add("token", "abc").text());
        CPPUNIT_ASSERT(LogLine(true, "event").add("password", "abc").text().find("abc") == std::string::npos);
    }

    void secretsInTargets()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("/sse?a=b&token=***&c"), withoutSecrets("/sse?a=b&token=abc&c"));
        CPPUNIT_ASSERT_EQUAL(std::string("/sse?t%6Fken=***"), withoutSecrets("/sse?t%6Fken=abc"));
        CPPUNIT_ASSERT_EQUAL(std::string("/sse?Access_Token=***&token=***"),
                             withoutSecrets("/sse?Access_Token=abc&token=def"));
        CPPUNIT_ASSERT_EQUAL(std::string("/sse?tokens=1&x=token"), withoutSecrets("/sse?tokens=1&x=token"));
        CPPUNIT_ASSERT_EQUAL(std::string("/token=abc"), withoutSecrets("/token=abc"));
        CPPUNIT_ASSERT_EQUAL(std::string("/?"), withoutSecrets("/?"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogLineTest);

#include "ops/log/LogMembers.h"
#include "base/text/LogEscape.h"
#include "ops/log/LogFormatter.h"

#include <Poco/Message.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::ops;

class LogMembersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LogMembersTest);
    CPPUNIT_TEST(text);
    CPPUNIT_TEST(json);
    CPPUNIT_TEST(injection);
    CPPUNIT_TEST(secrets);
    CPPUNIT_TEST(theFormatterPutsThemIntoTheLine);
    CPPUNIT_TEST(secretsInTargets);
    CPPUNIT_TEST_SUITE_END();

    static std::string formatted(const LogMembers& members, bool json)
    {
        Poco::Message message;
        members.attachTo(message);
        return LogMembers::of(message, json);
    }

public:
    void text()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(" tool=echo title=\"two words\" duration_us=12 isError=false"),
                             formatted(LogMembers()
                                           .add("tool", "echo")
                                           .add("title", "two words")
                                           .add("none", "")
                                           .add("duration_us", 12)
                                           .flag("isError", false),
                                       false));
    }

    void json()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"("tool":"a\"b","duration_us":12,"isError":true)"),
            formatted(LogMembers().add("tool", "a\"b").add("duration_us", 12).flag("isError", true), true));
    }

    void injection()
    {
        const std::string evil = "x\r\n2027 session opened principal=root\x1b[2J";
        const LogMembers members = LogMembers().add("tool", evil).add("next", "a\" status=\"200");
        CPPUNIT_ASSERT_EQUAL(std::string(" tool=\"x\\x0d\\x0a2027 session opened principal=root\\x1b[2J\" "
                                         "next=\"a\\x22 status=\\x22200\""),
                             formatted(members, false));
        CPPUNIT_ASSERT(formatted(members, true).find('\n') == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa4"), tenon::base::logEscaped("\xc3\xa4"));
        CPPUNIT_ASSERT_EQUAL(std::string("\\x00"), tenon::base::logEscaped(std::string_view("\0", 1)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("C1, as terminals read it", std::string("\\xc2\\x9b\xc2\xa0"),
                                     tenon::base::logEscaped("\xc2\x9b\xc2\xa0"));
    }

    void secrets()
    {
        const LogMembers members = LogMembers().add("Authorization", "Bearer abc").add("token", "abc");
        CPPUNIT_ASSERT_EQUAL(std::string(" Authorization=*** token=***"), formatted(members, false));
        CPPUNIT_ASSERT(formatted(members, true).find("abc") == std::string::npos);
    }

    void theFormatterPutsThemIntoTheLine()
    {
        Poco::Message message("tenon.net", "stream\nclosed", Poco::Message::PRIO_INFORMATION);
        message.setTime(Poco::Timestamp::fromEpochTime(1'800'000'000));
        message.setTid(7);
        LogMembers().add("session", "s 1").add("events", 3).attachTo(message);
        std::string line;
        LogFormatter(false).format(message, line);
        CPPUNIT_ASSERT_EQUAL(
            std::string("2027-01-15T08:00:00.000Z information net  stream\\nclosed session=\"s 1\" events=3"), line);
        line.clear();
        LogFormatter(true).format(message, line);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"time":"2027-01-15T08:00:00.000Z","level":"information","source":"net",)"
                                         R"("message":"stream\nclosed","session":"s 1","events":3,"thread":7})"),
                             line);
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

CPPUNIT_TEST_SUITE_REGISTRATION(LogMembersTest);

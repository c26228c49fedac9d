#include "ops/log/AccessLog.h"
#include "ops/log/LogFormatter.h"
#include "ops/log/LogMembers.h"
#include "ops/log/StreamLine.h"
#include "unit/ops/OpsFixture.h"

#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using ops::AccessLog;

class AccessLogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AccessLogTest);
    CPPUNIT_TEST(combined);
    CPPUNIT_TEST(combinedWithNothing);
    CPPUNIT_TEST(combinedInjection);
    CPPUNIT_TEST(json);
    CPPUNIT_TEST(streams);
    CPPUNIT_TEST(offByDefault);
    CPPUNIT_TEST(file);
    CPPUNIT_TEST_SUITE_END();

    static net::AccessEntry record()
    {
        net::AccessEntry made;
        made.began = Poco::Timestamp::fromEpochTime(1'800'000'000);
        made.clientAddress = "192.0.2.7";
        made.principal = "ci";
        made.method = "GET";
        made.target = "/sse?token=abc";
        made.protocol = "HTTP/1.1";
        made.status = 200;
        made.bytes = 12;
        made.userAgent = "curl/8";
        made.durationUs = 345;
        return made;
    }

public:
    void combined()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "192.0.2.7 - ci [15/Jan/2027:08:00:00 +0000] \"GET /sse?token=*** HTTP/1.1\" 200 12 \"-\" \"curl/8\""),
            AccessLog::message(record(), AccessLog::Form::COMBINED).getText());
    }

    void combinedWithNothing()
    {
        net::AccessEntry nothing;
        nothing.began = Poco::Timestamp::fromEpochTime(0);
        CPPUNIT_ASSERT_EQUAL(std::string("- - - [01/Jan/1970:00:00:00 +0000] \"  \" 0 0 \"-\" \"-\""),
                             AccessLog::message(nothing, AccessLog::Form::COMBINED).getText());
    }

    void combinedInjection()
    {
        net::AccessEntry evil = record();
        evil.principal = "a b\n";
        evil.userAgent = "x\" 200 \"\r\n127.0.0.1 - root";
        const std::string line = AccessLog::message(evil, AccessLog::Form::COMBINED).getText();
        CPPUNIT_ASSERT(line.find('\n') == std::string::npos && line.find('\r') == std::string::npos);
        CPPUNIT_ASSERT(line.starts_with("192.0.2.7 - a\\x20b\\x0a ["));
        CPPUNIT_ASSERT(line.ends_with("\"x\\x22 200 \\x22\\x0d\\x0a127.0.0.1 - root\""));
    }

    void json()
    {
        Poco::Message message = AccessLog::message(record(), AccessLog::Form::JSON);
        message.setTid(7);
        std::string line;
        ops::LogFormatter(true).format(message, line);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"time":"2027-01-15T08:00:00.000Z","level":"information","source":"access",)"
                        R"("message":"request","client":"192.0.2.7","principal":"ci","method":"GET",)"
                        R"("target":"/sse?token=***","status":200,"bytes":12,"duration_us":345,"isError":false,)"
                        R"("user_agent":"curl/8","thread":7})"),
            line);
    }

    void streams()
    {
        // GCC 12 takes assigned literals for uninitialised.
        net::StreamEntry entry;
        entry.clientAddress = std::string("192.0.2.7");
        entry.principal = std::string("ci");
        entry.sessionId = std::string("4711");
        entry.target = std::string("/sse?token=abc");
        CPPUNIT_ASSERT_EQUAL(std::string(" session=4711 client=192.0.2.7 principal=ci target=\"/sse?token=***\""),
                             ops::LogMembers::of(ops::streamOpened(entry), false));
        entry.why = "slow reader";
        entry.durationUs = 2'500'000;
        entry.events = 3;
        entry.bytes = 99;
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"("session":"4711","client":"192.0.2.7","principal":"ci","target":"/sse?token=***",)"
                        R"("why":"slow reader","duration_ms":2500,"events":3,"bytes":99)"),
            ops::LogMembers::of(ops::streamClosed(entry), true));
    }

    void offByDefault()
    {
        ops::LogQueue queue;
        AccessLog log(ops::Settings::read(*test::settingsOf({})), queue);
        CPPUNIT_ASSERT(!log.wantsRequests());
        log.answered(record());
    }

    void file()
    {
        const std::string path = Poco::TemporaryFile::tempName();
        {
            ops::LogQueue queue;
            AccessLog log(
                ops::Settings::read(*test::settingsOf({{"ops.accessLog", "combined"}, {"ops.accessLogFile", path}})),
                queue);
            CPPUNIT_ASSERT(log.wantsRequests());
            log.answered(record());
            log.answered(record());
        }
        std::string content;
        Poco::FileInputStream stream(path);
        Poco::StreamCopier::copyToString(stream, content);
        Poco::File(path).remove();
        const std::string line = AccessLog::message(record(), AccessLog::Form::COMBINED).getText() + "\n";
        CPPUNIT_ASSERT_EQUAL(line + line, content);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessLogTest);

#include "support/Mcp.h"
#include "support/ServerProcess.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

class HealthTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HealthTest);
    CPPUNIT_TEST(saysWhatItIs);
    CPPUNIT_TEST(headHasNoBody);
    CPPUNIT_TEST_SUITE_END();

    void saysWhatItIs()
    {
        const auto server = ServerProcess::serve();
        const HttpReply reply = exchange(server->port(), "GET", "/health");
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.header("content-type").substr(0, 16));
        const auto health = parseObject(reply.body);
        CPPUNIT_ASSERT_EQUAL(std::string("healthy"), health->getValue<std::string>("status"));
        CPPUNIT_ASSERT_EQUAL(std::string("tenon"), health->getValue<std::string>("service"));
        CPPUNIT_ASSERT(!health->getValue<std::string>("version").empty());
        int zone = 0;
        const auto then = Poco::DateTimeParser::parse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT,
                                                      health->getValue<std::string>("timestamp"), zone);
        CPPUNIT_ASSERT(std::abs((Poco::DateTime() - then).totalSeconds()) < 60);
        CPPUNIT_ASSERT(health->getValue<double>("uptime_seconds") >= 0);
        CPPUNIT_ASSERT(health->getValue<double>("uptime_seconds") < 60);
        server->stop();
    }

    void headHasNoBody()
    {
        const auto server = ServerProcess::serve();
        RawConnection connection(server->port());
        connection.send(request("HEAD", "/health") + request("GET", "/health", {{"Connection", "close"}}));
        CPPUNIT_ASSERT_EQUAL(200, connection.receiveHead().status);
        const HttpReply second = connection.receive();
        CPPUNIT_ASSERT_EQUAL(200, second.status);
        CPPUNIT_ASSERT(!second.body.empty());
        CPPUNIT_ASSERT(connection.closedByServer());
        server->stop();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthTest);

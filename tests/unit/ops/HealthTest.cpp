#include "ops/health/HealthHandlers.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

class HealthTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HealthTest);
    CPPUNIT_TEST(health);
    CPPUNIT_TEST(ready);
    CPPUNIT_TEST(notReady);
    CPPUNIT_TEST_SUITE_END();

public:
    void health()
    {
        const Poco::Timestamp now = Poco::Timestamp::fromEpochTime(1'800'000'090) + 54'000;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"healthy","service":"tenon","version":")" TENON_VERSION
                                         R"(","timestamp":"2027-01-15T08:01:30.054Z","uptime_seconds":90})"),
                             ops::healthJson(std::chrono::seconds(90), now));
    }

    void ready()
    {
        const ops::Readiness running{ops::Phase::RUNNING, {}};
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"ready"})"), ops::readyJson(running));
        CPPUNIT_ASSERT(running.ready());
    }

    void notReady()
    {
        const auto expect = [](const std::string& json, const ops::Readiness& readiness)
        {
            CPPUNIT_ASSERT_EQUAL(json, ops::readyJson(readiness));
            CPPUNIT_ASSERT(!readiness.ready());
        };
        expect(R"({"status":"starting"})", {ops::Phase::STARTING, {}});
        expect(R"({"status":"draining"})", {ops::Phase::DRAINING, {}});
        expect(R"({"status":"degraded","missing_plugins":["clock","a\"b"]})", {ops::Phase::RUNNING, {"clock", "a\"b"}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthTest);

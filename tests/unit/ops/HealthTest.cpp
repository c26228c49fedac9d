#include "ops/HealthHandlers.h"
#include "unit/ops/Fakes.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using test::FakeStatus;

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
        const FakeStatus status;
        const Poco::Timestamp now = Poco::Timestamp::fromEpochTime(1'800'000'090) + 54'000;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"healthy","service":"tenon","version":")" TENON_VERSION
                                         R"(","timestamp":"2027-01-15T08:01:30.054Z","uptime_seconds":90})"),
                             ops::healthJson(status, now));
    }

    void ready()
    {
        bool yes = false;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"ready"})"), ops::readyJson(FakeStatus(), yes));
        CPPUNIT_ASSERT(yes);
    }

    void notReady()
    {
        FakeStatus status;
        bool yes = true;
        status.now = ops::StatusSource::Phase::STARTING;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"starting"})"), ops::readyJson(status, yes));
        CPPUNIT_ASSERT(!yes);
        status.now = ops::StatusSource::Phase::DRAINING;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"draining"})"), ops::readyJson(status, yes));
        CPPUNIT_ASSERT(!yes);
        status.now = ops::StatusSource::Phase::RUNNING;
        status.missing = {"clock", "a\"b"};
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"degraded","missing_plugins":["clock","a\"b"]})"),
                             ops::readyJson(status, yes));
        CPPUNIT_ASSERT(!yes);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthTest);

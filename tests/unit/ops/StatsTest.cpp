#include "base/json/JsonDocument.h"
#include "ops/stats/StatsHandler.h"
#include "unit/ops/OpsFixture.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

class StatsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StatsTest);
    CPPUNIT_TEST(empty);
    CPPUNIT_TEST(some);
    CPPUNIT_TEST(many);
    CPPUNIT_TEST_SUITE_END();

    static std::string stats(std::vector<ops::SessionInfo> sessions)
    {
        return ops::statsJson({std::move(sessions), 4, std::chrono::seconds(100), {}},
                              Poco::Timestamp::fromEpochTime(test::BEGAN + 100));
    }

public:
    void empty()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"totalConnections":0,"connectionsByType":{},"sessions":0,"modernStreams":0,)"
                        R"("streams":0,"events":0,"callsInFlight":4,"uptimeSeconds":100,"connections":[],)"
                        R"("plugins":[]})"),
            stats({}));
    }

    void some()
    {
        std::vector<ops::SessionInfo> sessions{test::sessionInfo("b", "team", 60),
                                               test::sessionInfo("a", "master", 10)};
        sessions[0].modern = true;
        sessions[1].client = "inspector 1.0";
        const std::string json = stats(sessions);
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                R"({"totalConnections":2,"connectionsByType":{"master":1,"team":1},)"
                R"("oldestConnection":"2027-01-15T08:00:10.000Z",)"
                R"("newestConnection":"2027-01-15T08:01:00.000Z","sessions":1,"modernStreams":1,"streams":2,)"
                R"("events":6,)"
                R"("callsInFlight":4,"uptimeSeconds":100,"connections":[{"id":"a","type":"master","principal":"name )"
                R"(of master",)"
                R"("transport":"streamable-http","protocolVersion":"2025-11-25","client":"inspector 1.0",)"
                R"("openedAt":"2027-01-15T08:00:10.000Z","ageSeconds":90,"idleSeconds":1,"events":3,)"
                R"("streaming":true,"modern":false},)"
                R"({"id":"b","type":"team","principal":"name of team","transport":"streamable-http",)"
                R"("protocolVersion":"2025-11-25",)"
                R"("openedAt":"2027-01-15T08:01:00.000Z","ageSeconds":40,"idleSeconds":1,"events":3,)"
                R"("streaming":true,"modern":true}],"plugins":[]})"),
            json);
    }

    void many()
    {
        std::vector<ops::SessionInfo> sessions;
        for (int at = 0; at < 3000; ++at)
            sessions.push_back(test::sessionInfo(std::to_string(at), "team", at));
        const base::JsonDocumentPtr document = base::JsonDocument::parse(stats(sessions));
        simdjson::dom::element list;
        CPPUNIT_ASSERT(base::findMember(document->root(), "connections", list));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1000), list.get_array().size());
        CPPUNIT_ASSERT(base::findMember(document->root(), "totalConnections", list));
        CPPUNIT_ASSERT(list.get_int64() == std::int64_t(3000));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StatsTest);

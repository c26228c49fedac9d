#include "ops/console/History.h"

#include "base/json/JsonDocument.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

/// The console's figures: rates and quantiles of what came in between two samples.
class HistoryTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HistoryTest);
    CPPUNIT_TEST(quantilesOfBuckets);
    CPPUNIT_TEST(ratesBetweenSamples);
    CPPUNIT_TEST(anHourIsKept);
    CPPUNIT_TEST(toolsByName);
    CPPUNIT_TEST_SUITE_END();

    static simdjson::dom::array pointsOf(const base::JsonDocumentPtr& document)
    {
        simdjson::dom::element points;
        CPPUNIT_ASSERT(base::findMember(document->root(), "points", points));
        return points.get_array();
    }

    static double numberOf(const simdjson::dom::element& point, std::string_view name)
    {
        double number = 0;
        CPPUNIT_ASSERT(point[name].get(number) == simdjson::SUCCESS);
        return number;
    }

    base::MetricsRegistry _metrics;

public:
    void quantilesOfBuckets()
    {
        base::Histogram& durations = _metrics.histogram("d", "");
        ops::Observations none;
        CPPUNIT_ASSERT_EQUAL(0.0, none.quantileMs(0.99));
        for (int i = 0; i < 99; ++i)
            durations.observeUs(700); // in (0.5, 1] ms
        durations.observeUs(40'000);  // in (10, 50] ms
        ops::Observations all;
        all.add(durations);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(100), all.count());
        CPPUNIT_ASSERT(all.quantileMs(0.5) > 0.5 && all.quantileMs(0.5) <= 1);
        CPPUNIT_ASSERT(all.quantileMs(0.999) > 10 && all.quantileMs(0.999) <= 50);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), all.since(all).count());
    }

    void ratesBetweenSamples()
    {
        base::Histogram& durations = _metrics.histogram("request_duration_seconds", "");
        base::Counter& errors = _metrics.counter("errors_total", "");
        ops::History history(_metrics);
        durations.observeUs(100); // before the first sample: of no interval
        history.take(1'000'000);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), pointsOf(base::JsonDocument::parse(history.json())).size());
        for (int i = 0; i < 50; ++i)
            durations.observeUs(700);
        errors.add(5);
        history.take(1'010'000);
        const auto document = base::JsonDocument::parse(history.json());
        const auto points = pointsOf(document);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), points.size());
        CPPUNIT_ASSERT_DOUBLES_EQUAL(5.0, numberOf(points.at(0), "requestsPerSecond"), 1e-9);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0.5, numberOf(points.at(0), "errorsPerSecond"), 1e-9);
        CPPUNIT_ASSERT(numberOf(points.at(0), "p50Ms") > 0.5);
    }

    void anHourIsKept()
    {
        ops::History history(_metrics);
        for (std::int64_t at = 1; at <= 500; ++at)
            history.take(at * 10'000);
        const auto document = base::JsonDocument::parse(history.json());
        const auto points = pointsOf(document);
        CPPUNIT_ASSERT_EQUAL(std::size_t(360), points.size());
        CPPUNIT_ASSERT_DOUBLES_EQUAL(1'410'000.0, numberOf(points.at(0), "at"), 1e-9);
    }

    void toolsByName()
    {
        const base::Labels labels{{"tool", "echo"}, {"plugin", "bench"}};
        _metrics.counter("tenon_tool_calls_total", "", labels).add(3);
        _metrics.counter("tenon_tool_errors_total", "", labels).add(1);
        _metrics.gauge("tenon_tool_calls_in_flight", "", labels).set(2);
        _metrics.counter("tenon_tool_calls_total", "", {{"tool", "seldom"}}).add(1);
        _metrics.counter("tenon_tool_calls_total", "", {{"tool", "never"}});
        const std::string json = ops::toolFiguresJson(_metrics, 1);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"total":3,"tools":[{"tool":"echo","calls":3,"errors":1,"p50Ms":0,"p95Ms":0,"p99Ms":0,)"
                        R"("inFlight":2}]})"),
            json);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HistoryTest);

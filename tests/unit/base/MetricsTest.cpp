#include "base/metrics/Metrics.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <thread>
#include <vector>

using tenon::base::Histogram;
using tenon::base::MetricsRegistry;

class MetricsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MetricsTest);
    CPPUNIT_TEST(oneMetricANameAndLabels);
    CPPUNIT_TEST(aNameHasOneKind);
    CPPUNIT_TEST(threadsCountTogether);
    CPPUNIT_TEST(durationsFallIntoBuckets);
    CPPUNIT_TEST(boundsAreThoseOfTheMetric);
    CPPUNIT_TEST(whatEndedThreadsAddedStays);
    CPPUNIT_TEST(aMetricBeginsAtZeroWhateverWasThereBefore);
    CPPUNIT_TEST(gaugesAreAsked);
    CPPUNIT_TEST(metricsOfOneNameAreReadAlone);
    CPPUNIT_TEST(removedMetricsMayStillBeUsed);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneMetricANameAndLabels()
    {
        MetricsRegistry registry;
        auto& a = registry.counter("calls", "Calls", {{"tool", "a"}});
        auto& b = registry.counter("calls", "Calls", {{"tool", "b"}});
        CPPUNIT_ASSERT(&a != &b);
        CPPUNIT_ASSERT(&a == &registry.counter("calls", "Calls", {{"tool", "a"}}));
        a.add(2);
        b.add();
        const auto families = registry.snapshot();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), families.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), families[0].metrics.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), families[0].metrics[0].counter->value());
    }

    void aNameHasOneKind()
    {
        MetricsRegistry registry;
        registry.counter("x", "");
        CPPUNIT_ASSERT_THROW(registry.gauge("x", ""), Poco::BugcheckException);
    }

    void threadsCountTogether()
    {
        MetricsRegistry registry;
        std::vector<std::thread> threads;
        for (int at = 0; at < 4; ++at)
            threads.emplace_back(
                [&]
                {
                    for (int count = 0; count < 1000; ++count)
                        registry.counter("x", "", {{"n", std::to_string(count % 7)}}).add();
                });
        for (auto& thread : threads)
            thread.join();
        std::uint64_t sum = 0;
        const auto families = registry.snapshot();
        for (const auto& metric : families[0].metrics)
            sum += metric.counter->value();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4000), sum);
    }

    void durationsFallIntoBuckets()
    {
        MetricsRegistry registry;
        auto& histogram = registry.histogram("d", "");
        for (const std::uint64_t us : {0u, 50u, 51u, 30'000'000u, 30'000'001u})
            histogram.observeUs(us);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), histogram.bucket(0));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), histogram.bucket(1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), histogram.bucket(Histogram::BOUNDS_US.size() - 1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), histogram.bucket(Histogram::BOUNDS_US.size()));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(60'000'102), histogram.sumUs());
    }

    void boundsAreThoseOfTheMetric()
    {
        MetricsRegistry registry;
        auto& histogram = registry.histogram("s", "", {}, Histogram::LONG_BOUNDS_US);
        histogram.observeUs(86'400'000'000);
        histogram.observeUs(86'400'000'001);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), histogram.bucket(7));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), histogram.bucket(8));
        CPPUNIT_ASSERT_EQUAL(std::size_t(8), histogram.bounds().size());
    }

    void whatEndedThreadsAddedStays()
    {
        MetricsRegistry registry;
        auto& counter = registry.counter("c", "");
        auto& gauge = registry.gauge("g", "");
        for (int round = 0; round < 20; ++round)
            std::thread(
                [&]
                {
                    counter.add(3);
                    gauge.add(-1);
                })
                .join();
        gauge.add(25);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(60), counter.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(5), gauge.value());
    }

    void aMetricBeginsAtZeroWhateverWasThereBefore()
    {
        for (int round = 0; round < 3; ++round)
        {
            MetricsRegistry registry;
            auto& histogram = registry.histogram("h", "");
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), histogram.sumUs());
            histogram.observeUs(7);
            std::thread([&] { histogram.observeUs(7); }).join();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), histogram.bucket(0));
        }
    }

    void gaugesAreAsked()
    {
        MetricsRegistry registry;
        double value = 1;
        registry.gaugeFrom("g", "", {}, [&] { return value; });
        value = 5;
        CPPUNIT_ASSERT_EQUAL(5.0, registry.snapshot()[0].metrics[0].read());
    }

    void metricsOfOneNameAreReadAlone()
    {
        MetricsRegistry registry;
        registry.counter("calls", "", {{"tool", "b"}}).add(2);
        registry.counter("calls", "", {{"tool", "a"}}).add(1);
        registry.gauge("other", "");
        const auto calls = registry.metricsOf("calls");
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), calls.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), calls[0].labels.at("tool"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), calls[1].counter->value());
        CPPUNIT_ASSERT(registry.metricsOf("none").empty());
    }

    void removedMetricsMayStillBeUsed()
    {
        MetricsRegistry registry;
        auto& old = registry.gauge("g", "", {{"a", "1"}});
        registry.remove("g", {{"a", "1"}});
        registry.remove("g", {{"a", "1"}});
        registry.remove("none", {});
        old.add(3);
        CPPUNIT_ASSERT(registry.snapshot()[0].metrics.empty());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), registry.gauge("g", "", {{"a", "1"}}).value());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsTest);

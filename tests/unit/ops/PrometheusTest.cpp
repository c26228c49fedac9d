#include "ops/metrics/PluginMetrics.h"
#include "ops/metrics/ProcessMetrics.h"
#include "ops/metrics/PrometheusText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>

using namespace tenon;

class PrometheusTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PrometheusTest);
    CPPUNIT_TEST(counters);
    CPPUNIT_TEST(gauges);
    CPPUNIT_TEST(histogramsInSeconds);
    CPPUNIT_TEST(labelsAreEscaped);
    CPPUNIT_TEST(pluginsAndQueues);
    CPPUNIT_TEST(emptyFamiliesAreLeftOut);
    CPPUNIT_TEST(numbers);
    CPPUNIT_TEST(processAndBuild);
    CPPUNIT_TEST_SUITE_END();

    base::MetricsRegistry _registry;

    void expect(const std::string& line) const
    {
        ops::PrometheusText metrics;
        metrics.add(_registry);
        const std::string& text = metrics.text();
        CPPUNIT_ASSERT_MESSAGE(line + " in\n" + text, text.find(line + "\n") != std::string::npos);
    }

public:
    void counters()
    {
        _registry.counter("messages_received_total", "Messages.").add(3);
        _registry.counter("tool_calls_total", "Calls.", {{"tool", "echo"}}).add(2);
        expect("# HELP messages_received_total Messages.");
        expect("# TYPE messages_received_total counter");
        expect("messages_received_total 3");
        expect("tool_calls_total{tool=\"echo\"} 2");
    }

    void gauges()
    {
        _registry.gauge("sse_connections_active", "Streams.").add(-2);
        _registry.gaugeFrom("queue_length", "Queue.", {}, [] { return 1.5; });
        expect("# TYPE sse_connections_active gauge");
        expect("sse_connections_active -2");
        expect("queue_length 1.5");
    }

    void histogramsInSeconds()
    {
        base::Histogram& histogram = _registry.histogram("request_duration_seconds", "Durations.");
        histogram.observeUs(50);
        histogram.observeUs(400);
        histogram.observeUs(60'000'000);
        expect("# TYPE request_duration_seconds histogram");
        expect("request_duration_seconds_bucket{le=\"5e-05\"} 1");
        expect("request_duration_seconds_bucket{le=\"0.0001\"} 1");
        expect("request_duration_seconds_bucket{le=\"0.0005\"} 2");
        expect("request_duration_seconds_bucket{le=\"30\"} 2");
        expect("request_duration_seconds_bucket{le=\"+Inf\"} 3");
        expect("request_duration_seconds_count 3");
        expect("request_duration_seconds_sum 60.00045");
    }

    void labelsAreEscaped()
    {
        _registry.counter("tool_calls_total", "Calls.", {{"tool", "a\"b\\c\nd"}}).add();
        expect(R"(tool_calls_total{tool="a\"b\\c\nd"} 1)");
    }

    void pluginsAndQueues()
    {
        plugin::PluginStatus clock, broken;
        clock.name = "clock";
        clock.state = "running";
        clock.instance.restarts = 2;
        clock.reloads = 1;
        clock.instance.residentBytes = 4096;
        broken.name = "broken";
        broken.state = "quarantined";
        ops::PrometheusText metrics;
        ops::addPluginMetrics(metrics, {clock, broken});
        for (const char* line :
             {"tenon_plugin_up{plugin=\"clock\"} 1\n", "tenon_plugin_up{plugin=\"broken\"} 0\n",
              "tenon_plugin_restarts_total{plugin=\"clock\"} 2\n", "tenon_plugin_reloads_total{plugin=\"clock\"} 1\n",
              "tenon_plugin_memory_bytes{plugin=\"clock\"} 4096\n"})
            CPPUNIT_ASSERT_MESSAGE(line, metrics.text().find(line) != std::string::npos);
    }

    void emptyFamiliesAreLeftOut()
    {
        ops::PrometheusText metrics;
        ops::addPluginMetrics(metrics, {});
        CPPUNIT_ASSERT_EQUAL(std::string(), metrics.text());
    }

    // Scrapers parse these; 17 digits of noise or a comma of somebody's locale would be another number.
    void numbers()
    {
        const auto written = [](double value)
        {
            ops::PrometheusText metrics;
            metrics.family("x", "Help\nwith \\.", ops::PrometheusText::Type::GAUGE);
            metrics.sample(value);
            return metrics.text().substr(metrics.text().rfind("x ") + 2);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("0.1\n"), written(0.1));
        CPPUNIT_ASSERT_EQUAL(std::string("9007199254740991\n"), written(9007199254740991.0));
        CPPUNIT_ASSERT_EQUAL(std::string("1e+300\n"), written(1e300));
        CPPUNIT_ASSERT_EQUAL(std::string("+Inf\n"), written(std::numeric_limits<double>::infinity()));
        CPPUNIT_ASSERT_EQUAL(std::string("NaN\n"), written(std::numeric_limits<double>::quiet_NaN()));
    }

    void processAndBuild()
    {
        ops::PrometheusText metrics;
        ops::addProcessMetrics(metrics);
        CPPUNIT_ASSERT(metrics.text().find("tenon_build_info{version=\"" TENON_VERSION "\"} 1\n") != std::string::npos);
#if defined(__linux__)
        for (const char* name :
             {"tenon_process_resident_memory_bytes", "tenon_process_cpu_seconds_total", "tenon_process_open_fds"})
            CPPUNIT_ASSERT_MESSAGE(name, metrics.text().find(std::string("# TYPE ") + name) != std::string::npos);
#endif
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PrometheusTest);

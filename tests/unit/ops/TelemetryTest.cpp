#include "base/json/JsonDocument.h"
#include "ops/metrics/ConventionMetrics.h"
#include "ops/telemetry/SpanExporter.h"
#include "ops/telemetry/SpanJson.h"
#include "ops/telemetry/Tracing.h"
#include "unit/mcp/TestServer.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

using namespace tenon;
using mcp::Operation;
using tests::at;

namespace
{

constexpr const char* PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* NOT_SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// A collector in memory.
struct Collector
{
    std::mutex mutex; // guards all below
    std::condition_variable changed;
    std::vector<std::string> bodies;
    bool refuses = false;
    bool holds = false; ///< does not answer

    ops::SpanExporter::Post post()
    {
        return [this](const std::string& body)
        {
            std::unique_lock lock(mutex);
            bodies.push_back(body);
            changed.notify_all();
            changed.wait(lock, [this] { return !holds; });
            if (refuses)
                throw Poco::IOException("it answers with status 503");
        };
    }
    bool waitForBodies(std::size_t count)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(10), [&] { return bodies.size() >= count; });
    }
};

Operation operationOf(const std::string& method, const std::string& name)
{
    Operation operation;
    operation.method = method;
    operation.name = name;
    operation.requestId = "\"a\"";
    operation.protocolVersion = "2026-07-28";
    operation.outcome = Operation::Outcome::RESULT;
    operation.began = Poco::Timestamp(1'800'000'000'000'000);
    operation.durationUs = 1500;
    operation.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    operation.spanId = "1111111111111111";
    operation.pluginSpanId = "2222222222222222";
    return operation;
}

/// The value of an attribute of a span, whatever its type; empty: there is none.
std::string attribute(const std::string& span, const std::string& key)
{
    for (int index = 0; index < 20; ++index)
    {
        const std::string pointer = "/attributes/" + std::to_string(index);
        if (at(span, pointer + "/key") != '"' + key + '"')
            continue;
        const std::string text = at(span, pointer + "/value/stringValue");
        return text.empty() ? at(span, pointer + "/value/boolValue") : text;
    }
    return {};
}

} // namespace

/// Traces: who is traced, what spans look like, and that nobody waits for a collector.
class TelemetryTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TelemetryTest);
    CPPUNIT_TEST(spanOfATool);
    CPPUNIT_TEST(spanOfThePlugin);
    CPPUNIT_TEST(errors);
    CPPUNIT_TEST(resourcesAreNotInNames);
    CPPUNIT_TEST(parentDecides);
    CPPUNIT_TEST(ratioDecides);
    CPPUNIT_TEST(batchesArrive);
    CPPUNIT_TEST(whatDoesNotFitIsDropped);
    CPPUNIT_TEST(failuresAreCounted);
    CPPUNIT_TEST(conventionMetrics);
    CPPUNIT_TEST_SUITE_END();

    base::MetricsRegistry _metrics;
    Collector _collector;
    const ops::TelemetrySource _source{"tenon", "1.2.3", "abc"};

    std::string spans(const Operation& operation) const { return ops::spansJson(std::span(&operation, 1), _source); }
    static std::string spanOf(const std::string& json, int index)
    {
        return at(json, "/resourceSpans/0/scopeSpans/0/spans/" + std::to_string(index));
    }
    std::uint64_t dropped() { return _metrics.counter("tenon_traces_dropped_total", "").value(); }
    std::uint64_t sent() { return _metrics.counter("tenon_traces_sent_total", "").value(); }
    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void spanOfATool()
    {
        Operation operation = operationOf("tools/call", "echo");
        operation.parentSpanId = "00f067aa0ba902b7";
        const std::string json = spans(operation);
        const std::string span = spanOf(json, 0);
        expect("\"service.name\"", at(json, "/resourceSpans/0/resource/attributes/0/key"));
        expect("\"tools/call echo\"", at(span, "/name"));
        expect("2", at(span, "/kind"));
        expect("\"00f067aa0ba902b7\"", at(span, "/parentSpanId"));
        expect("\"1800000000000000000\"", at(span, "/startTimeUnixNano"));
        expect("\"1800000000001500000\"", at(span, "/endTimeUnixNano"));
        expect("\"tools/call\"", attribute(span, "mcp.method.name"));
        expect("\"echo\"", attribute(span, "gen_ai.tool.name"));
        expect("\"execute_tool\"", attribute(span, "gen_ai.operation.name"));
        expect("\"a\"", attribute(span, "jsonrpc.request.id"));
        expect("\"2026-07-28\"", attribute(span, "mcp.protocol.version"));
        expect("\"tcp\"", attribute(span, "network.transport"));
        expect("", at(span, "/status"));
        expect("", spanOf(json, 1));
    }

    void spanOfThePlugin()
    {
        Operation operation = operationOf("tools/call", "echo");
        operation.plugin = "samples";
        operation.pluginOutside = true;
        operation.pluginUs = 1000;
        const std::string span = spanOf(spans(operation), 1);
        expect("\"2222222222222222\"", at(span, "/spanId"));
        expect("\"1111111111111111\"", at(span, "/parentSpanId"));
        expect("3", at(span, "/kind"));
        expect("\"1800000000000500000\"", at(span, "/startTimeUnixNano"));
        expect("\"samples\"", attribute(span, "tenon.plugin.name"));
        expect("true", attribute(span, "tenon.plugin.isolated"));
    }

    void errors()
    {
        Operation operation = operationOf("tools/call", "echo");
        operation.outcome = Operation::Outcome::TOOL_ERROR;
        std::string span = spanOf(spans(operation), 0);
        expect("\"tool_error\"", attribute(span, "error.type"));
        expect("2", at(span, "/status/code"));
        operation.outcome = Operation::Outcome::ERROR;
        operation.errorCode = -32602;
        span = spanOf(spans(operation), 0);
        expect("\"-32602\"", attribute(span, "error.type"));
        expect("\"-32602\"", attribute(span, "rpc.response.status_code"));
        operation = operationOf("subscriptions/listen", "");
        operation.outcome = Operation::Outcome::NOTHING;
        expect("", attribute(spanOf(spans(operation), 0), "error.type"));
    }

    void resourcesAreNotInNames()
    {
        const std::string span = spanOf(spans(operationOf("resources/read", "file:///a")), 0);
        expect("\"resources/read\"", at(span, "/name"));
        expect("\"file:///a\"", attribute(span, "mcp.resource.uri"));
    }

    void parentDecides()
    {
        ops::SpanExporter exporter(_source, _collector.post(), _metrics);
        const ops::Tracing never(exporter, 0), always(exporter, 1);
        Operation operation = operationOf("ping", "");
        operation.spanId.clear();
        mcp::TraceContext trace{PARENT, "a=b", {}};
        never.begins(operation, trace);
        expect("00f067aa0ba902b7", operation.parentSpanId);
        expect("a=b", operation.traceState);
        CPPUNIT_ASSERT_EQUAL(std::size_t(16), operation.spanId.size());
        expect("00-" + operation.traceId + '-' + operation.pluginSpanId + "-01", trace.traceparent);

        operation.spanId.clear();
        trace.traceparent = NOT_SAMPLED;
        always.begins(operation, trace);
        expect("", operation.spanId);
        expect(NOT_SAMPLED, trace.traceparent);
    }

    void ratioDecides()
    {
        ops::SpanExporter exporter(_source, _collector.post(), _metrics);
        const ops::Tracing some(exporter, 0.25);
        int traced = 0;
        for (int i = 0; i < 4000; ++i)
        {
            Operation operation;
            mcp::TraceContext trace;
            some.begins(operation, trace);
            traced += operation.spanId.empty() ? 0 : 1;
        }
        CPPUNIT_ASSERT(traced > 800 && traced < 1200); // 1,000, give or take seven deviations
    }

    void batchesArrive()
    {
        {
            ops::SpanExporter exporter(_source, _collector.post(), _metrics);
            exporter.add(operationOf("ping", ""));
            CPPUNIT_ASSERT(_collector.waitForBodies(1));
            exporter.add(operationOf("tools/list", ""));
        } // sends what is left
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), _collector.bodies.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), sent());
    }

    void whatDoesNotFitIsDropped()
    {
        _collector.holds = true;
        ops::SpanExporter exporter(_source, _collector.post(), _metrics);
        exporter.add(operationOf("ping", ""));
        CPPUNIT_ASSERT(_collector.waitForBodies(1)); // and now it hangs
        for (std::size_t i = 0; i < ops::SpanExporter::MAX_WAITING + 10; ++i)
            exporter.add(operationOf("ping", ""));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), dropped());
        const std::lock_guard lock(_collector.mutex);
        _collector.holds = false;
        _collector.changed.notify_all();
    }

    void failuresAreCounted()
    {
        _collector.refuses = true;
        {
            ops::SpanExporter exporter(_source, _collector.post(), _metrics);
            exporter.add(operationOf("ping", ""));
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), dropped());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), sent());
    }

    void conventionMetrics()
    {
        using Figures = mcp::OperationFigures;
        Figures figures(_metrics);
        auto& tool = _metrics.histogram("tenon_tool_duration_seconds", "", {{"tool", "echo"}});
        _metrics.histogram("session_duration_seconds", "Sessions.").observeUs(1'000'000);
        for (int i = 0; i < 3; ++i)
            tool.observeUs(700);
        figures.failed("tools/call", "echo", Figures::TOOL_ERROR, 700); // one of the three
        figures.succeeded("tools/list", 40);
        ops::PrometheusText text;
        text.add(_metrics);
        ops::addConventionMetrics(text, _metrics);
        const auto has = [&](const std::string& line)
        { CPPUNIT_ASSERT_MESSAGE(line + " in\n" + text.text(), text.text().find(line + "\n") != std::string::npos); };
        has("mcp_server_operation_duration_seconds_count{gen_ai_tool_name=\"echo\",mcp_method_name=\"tools/call\"} 2");
        has("mcp_server_operation_duration_seconds_count{error_type=\"tool_error\",gen_ai_tool_name=\"echo\",mcp_"
            "method_"
            "name=\"tools/call\"} 1");
        has("mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/list\"} 1");
        has("mcp_server_session_duration_seconds_count 1");
        const std::string type = "# TYPE mcp_server_operation_duration_seconds histogram";
        CPPUNIT_ASSERT(text.text().find(type) != std::string::npos);
        CPPUNIT_ASSERT(text.text().find(type, text.text().find(type) + 1) == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TelemetryTest);

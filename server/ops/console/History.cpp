#include "ops/console/History.h"

#include "base/json/JsonWriter.h"
#include "ops/metrics/ProcessMetrics.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace tenon::ops
{

namespace
{

double valueOf(const base::MetricsRegistry::Metric& metric)
{
    if (metric.counter)
        return static_cast<double>(metric.counter->value());
    if (metric.gauge)
        return static_cast<double>(metric.gauge->value());
    return metric.read ? metric.read() : 0;
}

/// The figures that the charts are made of, summed over labels.
struct Totals
{
    Observations requests;
    double errors = 0, sessions = 0, streams = 0;

    explicit Totals(const base::MetricsRegistry& metrics)
    {
        for (const auto& family : metrics.snapshot())
            for (const auto& metric : family.metrics)
                if (family.name == "request_duration_seconds")
                    requests.add(*metric.histogram);
                else if (family.name == "errors_total")
                    errors += valueOf(metric);
                else if (family.name == "tenon_sessions_active")
                    sessions += valueOf(metric);
                else if (family.name == "sse_connections_active")
                    streams += valueOf(metric);
    }
};

} // namespace

void History::take(std::int64_t nowMs)
{
    const Totals totals(_metrics);
    const std::uint64_t memory = residentBytes();
    const std::lock_guard lock(_mutex);
    if (_lastMs != 0 && nowMs > _lastMs)
    {
        const double seconds = static_cast<double>(nowMs - _lastMs) / 1000;
        const Observations recent = totals.requests.since(_lastRequests);
        _points.push_back({nowMs, static_cast<double>(recent.count()) / seconds,
                           (totals.errors - _lastErrors) / seconds, recent.quantileMs(0.5), recent.quantileMs(0.99),
                           static_cast<std::int64_t>(totals.sessions), static_cast<std::int64_t>(totals.streams),
                           memory});
        if (_points.size() > POINTS)
            _points.pop_front();
    }
    _lastMs = nowMs;
    _lastRequests = totals.requests;
    _lastErrors = totals.errors;
}

std::string History::json() const
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("intervalMs", std::chrono::milliseconds(INTERVAL).count()).key("points").beginArray();
    const std::lock_guard lock(_mutex);
    for (const Point& point : _points)
        write(writer, point);
    writer.endArray().endObject();
    return text;
}

std::string History::lastJson() const
{
    std::string text;
    base::JsonWriter writer(text);
    const std::lock_guard lock(_mutex);
    if (!_points.empty())
        write(writer, _points.back());
    return text;
}

void History::write(base::JsonWriter& writer, const Point& point)
{
    writer.beginObject()
        .member("at", point.atMs)
        .member("requestsPerSecond", point.requestsPerSecond)
        .member("errorsPerSecond", point.errorsPerSecond)
        .member("p50Ms", point.p50Ms)
        .member("p99Ms", point.p99Ms)
        .member("sessions", point.sessions)
        .member("streams", point.streams)
        .member("memoryBytes", point.memoryBytes)
        .endObject();
}

std::string toolFiguresJson(const base::MetricsRegistry& metrics, std::size_t most)
{
    struct Figures
    {
        double calls = 0, errors = 0, inFlight = 0;
        Observations durations;
    };
    std::map<std::string, Figures> tools;
    for (const auto& family : metrics.snapshot())
    {
        if (!family.name.starts_with("tenon_tool_"))
            continue;
        for (const auto& metric : family.metrics)
        {
            const auto tool = metric.labels.find("tool");
            if (tool == metric.labels.end())
                continue;
            Figures& figures = tools[tool->second];
            if (family.name == "tenon_tool_calls_total")
                figures.calls += valueOf(metric);
            else if (family.name == "tenon_tool_errors_total")
                figures.errors += valueOf(metric);
            else if (family.name == "tenon_tool_calls_in_flight")
                figures.inFlight += valueOf(metric);
            else if (family.name == "tenon_tool_duration_seconds")
                figures.durations.add(*metric.histogram);
        }
    }
    std::vector<const std::pair<const std::string, Figures>*> order;
    for (const auto& tool : tools)
        if (tool.second.calls > 0)
            order.push_back(&tool);
    const std::size_t shown = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [](const auto* one, const auto* other) { return one->second.calls > other->second.calls; });
    order.resize(shown);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("total", tools.size()).key("tools").beginArray();
    for (const auto* entry : order)
    {
        const Figures& figures = entry->second;
        writer.beginObject()
            .member("tool", entry->first)
            .member("calls", figures.calls)
            .member("errors", figures.errors)
            .member("p50Ms", figures.durations.quantileMs(0.5))
            .member("p95Ms", figures.durations.quantileMs(0.95))
            .member("p99Ms", figures.durations.quantileMs(0.99))
            .member("inFlight", figures.inFlight)
            .endObject();
    }
    writer.endArray().endObject();
    return text;
}

} // namespace tenon::ops

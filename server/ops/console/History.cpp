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

double sumOf(const base::MetricsRegistry& metrics, const std::string& name)
{
    double sum = 0;
    for (const auto& metric : metrics.metricsOf(name))
        sum += valueOf(metric);
    return sum;
}

/// The figures that the charts are made of, summed over labels.
struct Totals
{
    Observations requests;
    double errors = 0, sessions = 0, streams = 0;

    explicit Totals(const base::MetricsRegistry& metrics)
        : errors(sumOf(metrics, "errors_total")), sessions(sumOf(metrics, "tenon_sessions_active")),
          streams(sumOf(metrics, "sse_connections_active"))
    {
        for (const auto& metric : metrics.metricsOf("request_duration_seconds"))
            requests.add(*metric.histogram);
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
    using Metric = base::MetricsRegistry::Metric;
    std::map<std::string, double> calls;
    const auto each = [&](const std::string& family, const auto& take)
    {
        for (const Metric& metric : metrics.metricsOf(family))
            if (const auto tool = metric.labels.find("tool"); tool != metric.labels.end())
                take(tool->second, metric);
    };
    each("tenon_tool_calls_total",
         [&](const std::string& tool, const Metric& metric) { calls[tool] += valueOf(metric); });
    std::vector<std::pair<std::string, double>> order;
    for (const auto& tool : calls)
        if (tool.second > 0)
            order.emplace_back(tool);
    const std::size_t shown = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [](const auto& one, const auto& other) { return one.second > other.second; });
    order.resize(shown);

    struct Figures
    {
        double errors = 0, inFlight = 0;
        Observations durations;
    };
    std::map<std::string, Figures> figures; ///< of those that are shown
    for (const auto& tool : order)
        figures.try_emplace(tool.first);
    const auto add = [&](const std::string& family, const auto& take)
    {
        each(family,
             [&](const std::string& tool, const Metric& metric)
             {
                 if (const auto found = figures.find(tool); found != figures.end())
                     take(found->second, metric);
             });
    };
    add("tenon_tool_errors_total", [](Figures& of, const Metric& metric) { of.errors += valueOf(metric); });
    add("tenon_tool_calls_in_flight", [](Figures& of, const Metric& metric) { of.inFlight += valueOf(metric); });
    add("tenon_tool_duration_seconds", [](Figures& of, const Metric& metric) { of.durations.add(*metric.histogram); });

    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("total", calls.size()).key("tools").beginArray();
    for (const auto& [tool, count] : order)
    {
        const Figures& of = figures[tool];
        writer.beginObject()
            .member("tool", tool)
            .member("calls", count)
            .member("errors", of.errors)
            .member("p50Ms", of.durations.quantileMs(0.5))
            .member("p95Ms", of.durations.quantileMs(0.95))
            .member("p99Ms", of.durations.quantileMs(0.99))
            .member("inFlight", of.inFlight)
            .endObject();
    }
    writer.endArray().endObject();
    return text;
}

} // namespace tenon::ops

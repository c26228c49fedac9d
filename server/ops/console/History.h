#pragma once

#include "base/json/JsonWriter.h"
#include "base/metrics/Metrics.h"
#include "ops/console/Quantile.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace tenon::ops
{

/// The figures of the last hour, for the console's charts: taken by the server, so that they are there before anybody
/// looks.
///
/// Threading: any thread.
/// Ownership: borrows the registry.
class History
{
public:
    static constexpr std::chrono::seconds INTERVAL{10};

    explicit History(const base::MetricsRegistry& metrics) : _metrics(metrics) {}

    /// Takes one sample; called each INTERVAL.
    ///
    /// Units: `nowMs` is milliseconds since 1970.
    void take(std::int64_t nowMs);

    /// Shape: {"intervalMs":…,"points":[{"at":…,"requestsPerSecond":…,"errorsPerSecond":…,"p50Ms":…,"p99Ms":…,
    ///        "sessions":…,"streams":…,"memoryBytes":…}]}, oldest first.
    [[nodiscard]] std::string json() const;

    /// The newest point alone; empty if there is none yet.
    [[nodiscard]] std::string lastJson() const;

private:
    static constexpr std::size_t POINTS = 360; // an hour

    struct Point
    {
        std::int64_t atMs = 0;
        double requestsPerSecond = 0, errorsPerSecond = 0, p50Ms = 0, p99Ms = 0;
        std::int64_t sessions = 0, streams = 0;
        std::uint64_t memoryBytes = 0;
    };

    static void write(base::JsonWriter& writer, const Point& point);

    const base::MetricsRegistry& _metrics;

    mutable std::mutex _mutex; // guards all below
    std::deque<Point> _points;
    std::int64_t _lastMs = 0; ///< 0: nothing was taken yet
    Observations _lastRequests;
    double _lastErrors = 0;
};

/// The figures of tools since the start, those that were called most first, `most` of them at most.
///
/// Shape: {"total":…,"tools":[{"tool":…,"calls":…,"errors":…,"p50Ms":…,"p95Ms":…,"p99Ms":…,"inFlight":…}]}
[[nodiscard]] std::string toolFiguresJson(const base::MetricsRegistry& metrics, std::size_t most);

} // namespace tenon::ops

#pragma once

#include "base/metrics/MetricCells.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tenon::base
{

/// Only grows. Threading: any thread; adding costs no locked instruction.
class Counter
{
public:
    void add(std::uint64_t amount = 1) noexcept { _cells.add(0, amount); }
    [[nodiscard]] std::uint64_t value() const noexcept { return _cells.sum(0); }

private:
    MetricCells _cells{1};
};

/// Goes up and down. Threading: any thread; adding costs no locked instruction. One that is set is not added to.
class Gauge
{
public:
    void add(std::int64_t amount = 1) noexcept { _cells.add(0, static_cast<std::uint64_t>(amount)); }
    void set(std::int64_t value) noexcept { _set.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept
    {
        return static_cast<std::int64_t>(_cells.sum(0)) + _set.load(std::memory_order_relaxed);
    }

private:
    MetricCells _cells{1};
    std::atomic<std::int64_t> _set{0};
};

/// Durations, counted in fixed buckets. Threading: any thread; observing costs no locked instruction.
class Histogram
{
public:
    /// Upper bounds in microseconds; a last bucket takes the rest. For what takes as long as a call does.
    static constexpr std::array<std::uint64_t, 14> BOUNDS_US = {
        50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000, 30'000'000};

    /// For what lasts: sessions, streams; from a second to a day.
    static constexpr std::array<std::uint64_t, 8> LONG_BOUNDS_US = {
        1'000'000, 10'000'000, 60'000'000, 600'000'000, 3'600'000'000, 14'400'000'000, 43'200'000'000, 86'400'000'000};

    /// Ownership: `boundsUs` outlives the histogram: one of the above, or another constant.
    explicit Histogram(std::span<const std::uint64_t> boundsUs = BOUNDS_US)
        : _bounds(boundsUs), _cells(boundsUs.size() + 2)
    {
    }

    void observeUs(std::uint64_t microseconds) noexcept
    {
        std::size_t bucket = 0;
        while (bucket < _bounds.size() && microseconds > _bounds[bucket])
            ++bucket;
        _cells.add(bucket, 1);
        _cells.add(_bounds.size() + 1, microseconds);
    }

    [[nodiscard]] std::span<const std::uint64_t> bounds() const noexcept { return _bounds; }

    /// Observations in bucket `index` alone, not cumulated; `bounds().size()` is the last.
    [[nodiscard]] std::uint64_t bucket(std::size_t index) const noexcept { return _cells.sum(index); }
    [[nodiscard]] std::uint64_t sumUs() const noexcept { return _cells.sum(_bounds.size() + 1); }

private:
    const std::span<const std::uint64_t> _bounds;
    MetricCells _cells;
};

/// Label names and values of one metric.
using Labels = std::map<std::string, std::string>;

/// All metrics of the process. A metric is found or made by name and labels, then used without the registry.
///
/// Threading: any thread.
/// Ownership: metrics live as long as the registry.
class MetricsRegistry
{
public:
    enum class Kind
    {
        COUNTER,
        GAUGE,
        HISTOGRAM
    };

    Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
    Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                         std::span<const std::uint64_t> boundsUs = Histogram::BOUNDS_US);

    /// A gauge whose value is asked for when the metrics are read. `read` must stay callable as long as the registry.
    void gaugeFrom(const std::string& name, const std::string& help, const Labels& labels,
                   std::function<double()> read);

    /// As `gaugeFrom`, of something that only grows.
    void counterFrom(const std::string& name, const std::string& help, const Labels& labels,
                     std::function<double()> read);

    /// Drops the metrics of `name` that carry `labels`; those who hold them may still use them.
    void remove(const std::string& name, const Labels& labels);

    struct Metric
    {
        Labels labels;
        std::shared_ptr<const Counter> counter;
        std::shared_ptr<const Gauge> gauge;
        std::shared_ptr<const Histogram> histogram;
        std::function<double()> read;
    };
    struct Family
    {
        std::string name, help;
        Kind kind;
        std::vector<Metric> metrics;
    };

    /// Everything, by name, then by labels.
    [[nodiscard]] std::vector<Family> snapshot() const;

    /// The metrics of one name alone; none if there is none of that name. A copy of all costs milliseconds where there are
    /// thousands of tools.
    [[nodiscard]] std::vector<Metric> metricsOf(const std::string& name) const;

private:
    struct Kept
    {
        std::string help;
        Kind kind;
        std::map<Labels, Metric> metrics;

        [[nodiscard]] std::vector<Metric> list() const;
    };

    Metric& find(const std::string& name, const std::string& help, Kind kind, const Labels& labels);

    mutable std::mutex _mutex; // guards all below
    std::map<std::string, Kept> _families;
    std::vector<Metric> _removed; ///< keeps what was handed out alive
};

} // namespace tenon::base

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::base
{

/// Only grows. Threading: any thread, lock-free.
class Counter
{
public:
    void add(std::uint64_t amount = 1) noexcept { _value.fetch_add(amount, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const noexcept { return _value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> _value{0};
};

/// Goes up and down. Threading: any thread, lock-free.
class Gauge
{
public:
    void add(std::int64_t amount = 1) noexcept { _value.fetch_add(amount, std::memory_order_relaxed); }
    void set(std::int64_t value) noexcept { _value.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept { return _value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> _value{0};
};

/// Durations, counted in fixed buckets. Threading: any thread, lock-free.
class Histogram
{
public:
    /// Upper bounds in microseconds; a last bucket takes the rest.
    static constexpr std::array<std::uint64_t, 14> BOUNDS_US = {
        50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000, 30'000'000};

    void observeUs(std::uint64_t microseconds) noexcept
    {
        std::size_t bucket = 0;
        while (bucket < BOUNDS_US.size() && microseconds > BOUNDS_US[bucket])
            ++bucket;
        _buckets[bucket].fetch_add(1, std::memory_order_relaxed);
        _sumUs.fetch_add(microseconds, std::memory_order_relaxed);
    }

    /// Observations in bucket `index` alone, not cumulated; `BOUNDS_US.size()` is the last.
    [[nodiscard]] std::uint64_t bucket(std::size_t index) const noexcept
    {
        return _buckets[index].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t sumUs() const noexcept { return _sumUs.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, BOUNDS_US.size() + 1> _buckets{};
    std::atomic<std::uint64_t> _sumUs{0};
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
    Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {});

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

    /// Everything, by name.
    [[nodiscard]] std::vector<Family> snapshot() const;

private:
    Metric& find(const std::string& name, const std::string& help, Kind kind, const Labels& labels);

    mutable std::mutex _mutex; // guards all below
    std::map<std::string, Family> _families;
    std::vector<Metric> _removed; ///< keeps what was handed out alive
};

} // namespace tenon::base

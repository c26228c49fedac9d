#pragma once

#include "base/metrics/Metrics.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::ops
{

/// Metrics in the Prometheus text format, version 0.0.4: a family, then its samples, then the next family.
///
/// Units:     durations of the registry become seconds.
/// Threading: one thread.
class PrometheusText
{
public:
    enum class Type
    {
        COUNTER,
        GAUGE,
        HISTOGRAM
    };

    /// A histogram as numbers.
    struct Distribution
    {
        std::span<const std::uint64_t> boundsUs;
        std::vector<std::uint64_t> buckets; ///< not cumulated; one more than there are bounds
        std::uint64_t sumUs = 0;

        explicit Distribution(const base::Histogram& histogram);
    };

    /// Begins a family; without a sample nothing of it is written.
    void family(std::string_view name, std::string_view help, Type type);

    void sample(double value, const base::Labels& labels = {});
    void sample(const base::Histogram& histogram, const base::Labels& labels = {});
    void sample(const Distribution& distribution, const base::Labels& labels);

    /// Everything that a registry holds, but for what `addConventionMetrics` writes.
    void add(const base::MetricsRegistry& registry);

    [[nodiscard]] const std::string& text() const { return _text; }

private:
    void line(std::string_view suffix, const base::Labels& labels, std::string_view le, double value);

    std::string _text;
    std::string _name;
    std::string _head; ///< the family's HELP and TYPE, until the first sample
};

} // namespace tenon::ops

#pragma once

#include "base/metrics/Metrics.h"

#include <string>
#include <string_view>

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

    /// Begins a family; without a sample nothing of it is written.
    void family(std::string_view name, std::string_view help, Type type);

    void sample(double value, const base::Labels& labels = {});
    void sample(const base::Histogram& histogram, const base::Labels& labels = {});

    /// Everything that a registry holds.
    void add(const base::MetricsRegistry& registry);

    [[nodiscard]] const std::string& text() const { return _text; }

private:
    void line(std::string_view suffix, const base::Labels& labels, std::string_view le, double value);

    std::string _text;
    std::string _name;
    std::string _head; ///< the family's HELP and TYPE, until the first sample
};

} // namespace tenon::ops

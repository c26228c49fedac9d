#include "ops/PrometheusCollector.h"

#include "ops/PluginMetrics.h"
#include "ops/ProcessMetrics.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace tenon::ops
{

namespace
{

constexpr double US_PER_SECOND = 1e6;

prometheus::MetricType typeOf(base::MetricsRegistry::Kind kind)
{
    switch (kind)
    {
    case base::MetricsRegistry::Kind::COUNTER:
        return prometheus::MetricType::Counter;
    case base::MetricsRegistry::Kind::GAUGE:
        return prometheus::MetricType::Gauge;
    case base::MetricsRegistry::Kind::HISTOGRAM:
        return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

/// The count is made of the buckets: an observation that comes in while they are read must not make the sum of the
/// parts differ from the whole.
void fill(prometheus::ClientMetric::Histogram& into, const base::Histogram& histogram)
{
    std::uint64_t count = 0;
    for (std::size_t at = 0; at <= base::Histogram::BOUNDS_US.size(); ++at)
    {
        count += histogram.bucket(at);
        const bool last = at == base::Histogram::BOUNDS_US.size();
        into.bucket.push_back({count, last ? std::numeric_limits<double>::infinity()
                                           : static_cast<double>(base::Histogram::BOUNDS_US[at]) / US_PER_SECOND});
    }
    into.sample_count = count;
    into.sample_sum = static_cast<double>(histogram.sumUs()) / US_PER_SECOND;
}

prometheus::ClientMetric converted(const base::MetricsRegistry::Metric& metric, base::MetricsRegistry::Kind kind)
{
    prometheus::ClientMetric result;
    for (const auto& [name, value] : metric.labels)
        result.label.push_back({name, value});
    if (metric.histogram)
        fill(result.histogram, *metric.histogram);
    else if (metric.counter)
        result.counter.value = static_cast<double>(metric.counter->value());
    else
    {
        const double value = metric.gauge  ? static_cast<double>(metric.gauge->value())
                             : metric.read ? metric.read()
                                           : 0;
        (kind == base::MetricsRegistry::Kind::COUNTER ? result.counter.value : result.gauge.value) = value;
    }
    return result;
}

} // namespace

std::vector<prometheus::MetricFamily> PrometheusCollector::Collect() const
{
    std::vector<prometheus::MetricFamily> families;
    for (const base::MetricsRegistry::Family& family : _registry.snapshot())
    {
        prometheus::MetricFamily made;
        made.name = family.name;
        made.help = family.help;
        made.type = typeOf(family.kind);
        for (const base::MetricsRegistry::Metric& metric : family.metrics)
            made.metric.push_back(converted(metric, family.kind));
        if (!made.metric.empty())
            families.push_back(std::move(made));
    }
    if (_status)
        addPluginMetrics(families, *_status);
    addProcessMetrics(families);
    return families;
}

std::string PrometheusCollector::text() const
{
    std::ostringstream stream;
    prometheus::TextSerializer().Serialize(stream, Collect());
    return stream.str();
}

} // namespace tenon::ops

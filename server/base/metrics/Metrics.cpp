#include "base/metrics/Metrics.h"

#include <Poco/Exception.h>

namespace tenon::base
{

std::vector<MetricsRegistry::Metric> MetricsRegistry::Kept::list() const
{
    std::vector<Metric> all;
    all.reserve(metrics.size());
    for (const auto& [labels, metric] : metrics)
        all.push_back(metric);
    return all;
}

MetricsRegistry::Metric& MetricsRegistry::find(const std::string& name, const std::string& help, Kind kind,
                                               const Labels& labels)
{
    auto& family = _families.try_emplace(name, Kept{help, kind, {}}).first->second;
    if (family.kind != kind)
        throw Poco::BugcheckException("metric of two kinds", name);
    return family.metrics.try_emplace(labels, Metric{labels, {}, {}, {}, {}}).first->second;
}

Counter& MetricsRegistry::counter(const std::string& name, const std::string& help, const Labels& labels)
{
    std::lock_guard lock(_mutex);
    auto& metric = find(name, help, Kind::COUNTER, labels);
    if (!metric.counter)
        metric.counter = std::make_shared<Counter>();
    return const_cast<Counter&>(*metric.counter);
}

Gauge& MetricsRegistry::gauge(const std::string& name, const std::string& help, const Labels& labels)
{
    std::lock_guard lock(_mutex);
    auto& metric = find(name, help, Kind::GAUGE, labels);
    if (!metric.gauge)
        metric.gauge = std::make_shared<Gauge>();
    return const_cast<Gauge&>(*metric.gauge);
}

Histogram& MetricsRegistry::histogram(const std::string& name, const std::string& help, const Labels& labels,
                                      std::span<const std::uint64_t> boundsUs)
{
    std::lock_guard lock(_mutex);
    auto& metric = find(name, help, Kind::HISTOGRAM, labels);
    if (!metric.histogram)
        metric.histogram = std::make_shared<Histogram>(boundsUs);
    return const_cast<Histogram&>(*metric.histogram);
}

void MetricsRegistry::gaugeFrom(const std::string& name, const std::string& help, const Labels& labels,
                                std::function<double()> read)
{
    std::lock_guard lock(_mutex);
    find(name, help, Kind::GAUGE, labels).read = std::move(read);
}

void MetricsRegistry::counterFrom(const std::string& name, const std::string& help, const Labels& labels,
                                  std::function<double()> read)
{
    std::lock_guard lock(_mutex);
    find(name, help, Kind::COUNTER, labels).read = std::move(read);
}

void MetricsRegistry::remove(const std::string& name, const Labels& labels)
{
    std::lock_guard lock(_mutex);
    const auto family = _families.find(name);
    if (family == _families.end())
        return;
    auto& metrics = family->second.metrics;
    const auto metric = metrics.find(labels);
    if (metric == metrics.end())
        return;
    _removed.push_back(std::move(metric->second));
    metrics.erase(metric);
}

std::vector<MetricsRegistry::Family> MetricsRegistry::snapshot() const
{
    std::lock_guard lock(_mutex);
    std::vector<Family> families;
    families.reserve(_families.size());
    for (const auto& [name, family] : _families)
        families.push_back({name, family.help, family.kind, family.list()});
    return families;
}

std::vector<MetricsRegistry::Metric> MetricsRegistry::metricsOf(const std::string& name) const
{
    std::lock_guard lock(_mutex);
    const auto family = _families.find(name);
    return family == _families.end() ? std::vector<Metric>() : family->second.list();
}

} // namespace tenon::base

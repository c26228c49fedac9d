#include "base/metrics/Metrics.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace tenon::base
{

MetricsRegistry::Metric& MetricsRegistry::find(const std::string& name, const std::string& help, Kind kind,
                                               const Labels& labels)
{
    auto& family = _families.try_emplace(name, Family{name, help, kind, {}}).first->second;
    if (family.kind != kind)
        throw Poco::BugcheckException("metric of two kinds", name);
    for (auto& metric : family.metrics)
        if (metric.labels == labels)
            return metric;
    return family.metrics.emplace_back(Metric{labels, {}, {}, {}, {}});
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
    const auto metric = std::find_if(metrics.begin(), metrics.end(), [&](auto& m) { return m.labels == labels; });
    if (metric == metrics.end())
        return;
    _removed.push_back(std::move(*metric));
    metrics.erase(metric);
}

std::vector<MetricsRegistry::Family> MetricsRegistry::snapshot() const
{
    std::lock_guard lock(_mutex);
    std::vector<Family> families;
    families.reserve(_families.size());
    for (const auto& [name, family] : _families)
        families.push_back(family);
    return families;
}

} // namespace tenon::base

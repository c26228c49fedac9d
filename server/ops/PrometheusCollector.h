#pragma once

#include "base/Metrics.h"
#include "ops/StatusSource.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace tenon::ops
{

/// The metrics of the server in prometheus-cpp's form, with some of the process itself and of the build.
///
/// Units:     durations become seconds.
/// Threading: any thread.
/// Ownership: borrows registry and status.
class PrometheusCollector : public prometheus::Collectable
{
public:
    /// Shape: `status` gives what is known of plugins; null: nothing.
    explicit PrometheusCollector(const base::MetricsRegistry& registry, const StatusSource* status = nullptr)
        : _registry(registry), _status(status)
    {
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

    /// Everything in the text format, version 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    const base::MetricsRegistry& _registry;
    const StatusSource* const _status;
};

} // namespace tenon::ops

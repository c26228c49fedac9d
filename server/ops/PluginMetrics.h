#pragma once

#include "ops/StatusSource.h"

#include <prometheus/metric_family.h>

#include <vector>

namespace tenon::ops
{

/// Adds what is known of each plugin, and how many calls wait for each tool.
void addPluginMetrics(std::vector<prometheus::MetricFamily>& families, const StatusSource& status);

} // namespace tenon::ops

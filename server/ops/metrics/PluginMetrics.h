#pragma once

#include "ops/metrics/PrometheusText.h"
#include "plugin/catalogue/Catalogue.h"
#include "plugin/manager/PluginManager.h"

#include <vector>

namespace tenon::ops
{

/// Adds what is known of each plugin.
void addPluginMetrics(PrometheusText& text, const std::vector<plugin::PluginStatus>& plugins);

/// Adds how many calls wait for each tool.
void addQueueMetrics(PrometheusText& text, const plugin::Catalogue& catalogue);

} // namespace tenon::ops

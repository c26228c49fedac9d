#pragma once

#include "ops/metrics/PrometheusText.h"

namespace tenon::ops
{

/// Adds what is known of the process and of the build: memory, processor time, open files, start, version. Where the
/// system does not tell, the metric is left out.
///
/// Threading: any thread.
void addProcessMetrics(PrometheusText& text);

} // namespace tenon::ops

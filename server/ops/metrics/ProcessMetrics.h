#pragma once

#include "ops/metrics/PrometheusText.h"

#include <cstdint>

namespace tenon::ops
{

/// Adds what is known of the process and of the build: memory, processor time, open files, start, version. Where the
/// system does not tell, the metric is left out.
///
/// Threading: any thread.
void addProcessMetrics(PrometheusText& text);

/// Resident memory of the process; 0 where the system does not tell. Threading: any thread.
[[nodiscard]] std::uint64_t residentBytes();

} // namespace tenon::ops

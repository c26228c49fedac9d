#pragma once

#include "base/metrics/Metrics.h"
#include "ops/metrics/PrometheusText.h"

namespace tenon::ops
{

/// The metrics that OpenTelemetry's conventions for MCP name, beside our own names for the same things:
/// `mcp_server_operation_duration_seconds` and `mcp_server_session_duration_seconds`.
///
/// A tool's calls that went well are its own histogram, less what failed: nothing is counted twice.
///
/// Threading: any thread.
/// Spec:      semantic-conventions-genai, MCP, Metrics.
void addConventionMetrics(PrometheusText& text, const base::MetricsRegistry& registry);

} // namespace tenon::ops

#pragma once

#include "mcp/messages/Operation.h"
#include "ops/telemetry/SpanExporter.h"

#include <cstdint>

namespace tenon::ops
{

/// Decides which requests are traced, and gives their spans ids. A parent decides for its children; what has none is
/// traced by the ratio.
///
/// Threading: any thread.
/// Ownership: borrows the exporter.
/// Spec:      W3C Trace Context; OpenTelemetry, sampling by parent and by ratio of trace ids.
class Tracing
{
public:
    /// Shape: `ratio` from 0 to 1.
    Tracing(SpanExporter& exporter, double ratio);

    /// Names the spans of a request that is traced, and hands the plugin's on in `trace`.
    void begins(mcp::Operation& operation, mcp::TraceContext& trace) const;

    void ended(const mcp::Operation& operation) const;

private:
    SpanExporter& _exporter;
    const std::uint64_t _below; ///< the last 63 bits of a trace id that is traced
    const bool _all;
};

} // namespace tenon::ops

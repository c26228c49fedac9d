#pragma once

#include "mcp/messages/Operation.h"

#include <span>
#include <string>
#include <string_view>

namespace tenon::ops
{

/// The source of the spans: OpenTelemetry's resource.
struct TelemetrySource
{
    std::string name;     ///< service.name
    std::string version;  ///< service.version
    std::string instance; ///< service.instance.id
};

/// The spans of some requests, as a body for `/v1/traces`: one for each request, and one below it for the plugin that was
/// entered.
///
/// Shape: OTLP's ExportTraceServiceRequest in its JSON mapping: ids as hexadecimal digits, 64-bit integers as strings,
///        enumerations as numbers.
/// Spec:  OTLP 1.x, JSON Protobuf Encoding; semantic-conventions-genai, MCP, Spans.
[[nodiscard]] std::string spansJson(std::span<const mcp::Operation> operations, const TelemetrySource& source);

} // namespace tenon::ops

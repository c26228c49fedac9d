#pragma once

#include "base/metrics/Metrics.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// How long requests took, by method and, of those that failed, by error: under the name and the labels that
/// OpenTelemetry's conventions for MCP give them, in Prometheus' spelling.
///
/// Tools' calls that went well are not among them, since each tool has a histogram of its own already; whoever writes the
/// metrics derives them (`ops`).
///
/// Threading: any thread; what went well costs no lock.
/// Ownership: borrows the registry.
class OperationFigures
{
public:
    static constexpr const char* NAME = "mcp_server_operation_duration_seconds";
    static constexpr const char* METHOD = "mcp_method_name";
    static constexpr const char* TOOL = "gen_ai_tool_name";
    static constexpr const char* ERROR_TYPE = "error_type";
    static constexpr std::string_view TOOL_ERROR = "tool_error";

    explicit OperationFigures(base::MetricsRegistry& metrics);

    void succeeded(std::string_view method, std::uint64_t microseconds) noexcept;

    /// Shape: `tool` empty: of none; `errorType` is a JSON-RPC code, TOOL_ERROR or "cancelled". What there is no room for
    ///        any more is not counted here.
    void failed(std::string_view method, std::string_view tool, std::string_view errorType,
                std::uint64_t microseconds) noexcept;

private:
    base::MetricsRegistry& _metrics;
    std::map<std::string_view, base::Histogram*> _methods; ///< constant after construction
};

} // namespace tenon::mcp

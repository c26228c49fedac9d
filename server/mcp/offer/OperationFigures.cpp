#include "mcp/offer/OperationFigures.h"

#include <exception>

namespace tenon::mcp
{

namespace
{

constexpr const char* HELP = "Time from request to result, as OpenTelemetry's conventions name it";

constexpr std::string_view TOOLS_CALL = "tools/call";

/// Of clients, in every revision; what is none of these has no name that may become a label.
constexpr std::string_view METHODS[] = {
    "initialize",           "ping",         "logging/setLevel",    "server/discover",
    "tools/list",           TOOLS_CALL,     "resources/list",      "resources/templates/list",
    "resources/read",       "prompts/list", "resources/subscribe", "resources/unsubscribe",
    "prompts/get",          "skills/list",  "completion/complete", "resources/directory/read",
    "skills/get",           "tasks/get",    "tasks/update",        "tasks/cancel",
    "subscriptions/listen", "tasks/result", "tasks/list"};

} // namespace

OperationFigures::OperationFigures(base::MetricsRegistry& metrics) : _metrics(metrics)
{
    for (const auto method : METHODS)
        _methods[method] =
            method == TOOLS_CALL ? nullptr : &metrics.histogram(NAME, HELP, {{METHOD, std::string(method)}});
}

void OperationFigures::succeeded(std::string_view method, std::uint64_t microseconds) noexcept
{
    if (const auto found = _methods.find(method); found != _methods.end() && found->second)
        found->second->observeUs(microseconds);
}

void OperationFigures::failed(std::string_view method, std::string_view tool, std::string_view errorType,
                              std::uint64_t microseconds) noexcept
{
    if (_methods.find(method) == _methods.end())
        method = "_OTHER"; // OpenTelemetry's word for it
    try
    {
        base::Labels labels = {{METHOD, std::string(method)}, {ERROR_TYPE, std::string(errorType)}};
        if (!tool.empty())
            labels.emplace(TOOL, tool);
        _metrics.histogram(NAME, HELP, labels).observeUs(microseconds);
    }
    catch (const std::exception&)
    {
        return; // no memory, or as many metrics as there may be
    }
}

} // namespace tenon::mcp

#pragma once

#include <array>
#include <string_view>

namespace tenon::mcp
{

/// The protocol's LoggingLevel names, at the index of the ABI's TENON_LOG_*.
inline constexpr std::array<std::string_view, 8> LOG_LEVELS = {"debug", "info",     "notice", "warning",
                                                               "error", "critical", "alert",  "emergency"};

} // namespace tenon::mcp

#pragma once

#include "jsonrpc/Error.h"

#include <string_view>

namespace tenon::net
{

/// The HTTP status of an answer on the MCP endpoint. The one place where JSON-RPC errors become statuses.
///
/// Shape: legacy errors of requests that were understood are 200: legacy clients read no body of any other status.
/// Spec:  2026-07-28, Streamable HTTP, Request Metadata; 2025-11-25, Transports, Session Management.
[[nodiscard]] int httpStatusOf(jsonrpc::ErrorKind kind, bool modern) noexcept;

/// "404 Not Found"; an unknown status becomes the general one of its class.
[[nodiscard]] std::string_view statusLine(int status) noexcept;

/// "Not Found".
[[nodiscard]] inline std::string_view statusTitle(int status) noexcept
{
    return statusLine(status).substr(4);
}

} // namespace tenon::net

#pragma once

#include "guard/Admission.h"
#include "mcp/messages/IncomingMessage.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <string>
#include <string_view>

namespace tenon::ops
{

// The forms in which this room answers. Threading: one thread a response.

void sendJson(Poco::Net::HTTPServerResponse& response, int status, std::string_view json);
void sendReply(Poco::Net::HTTPServerResponse& response, const guard::Reply& reply);

/// Shape: {"error":…,"message":…}.
void sendError(Poco::Net::HTTPServerResponse& response, int status, std::string_view error, std::string_view message);
[[nodiscard]] std::string errorJson(std::string_view error, std::string_view message);

/// The principal of a request. Null outside the server's front, which lets nobody through without one.
[[nodiscard]] base::PrincipalPtr principalOf(const Poco::Net::HTTPServerRequest& request);

/// The whole body, up to `maxBytes`. Errors: Poco::DataFormatException if there is more.
[[nodiscard]] std::string bodyOf(Poco::Net::HTTPServerRequest& request, std::size_t maxBytes);

/// "streamable-http", "http+sse", "stdio" or "websocket".
[[nodiscard]] std::string_view nameOf(mcp::Transport transport);

/// "2026-11-20T10:15:00.123Z".
[[nodiscard]] std::string isoTime(const Poco::Timestamp& time);

} // namespace tenon::ops

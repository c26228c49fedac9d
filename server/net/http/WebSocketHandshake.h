#pragma once

#include "net/http/RequestHead.h"

#include <string>
#include <string_view>

namespace tenon::net
{

/// Whether a GET asks for a WebSocket, rightly or not.
[[nodiscard]] bool asksForWebSocket(const RequestHead& head);

/// The server's side of the opening handshake.
///
/// The subprotocol is `mcp`: who offers others alone is refused, and who offers none is taken at its word. Extensions are
/// not agreed upon, so that nothing is compressed.
///
/// Spec: RFC 6455, 4.2.
struct WebSocketHandshake
{
    int status = 101;         ///< else a refusal
    std::string_view message; ///< of the refusal; a literal
    std::string headers;      ///< finished lines that go with it

    [[nodiscard]] static WebSocketHandshake read(const RequestHead& head);
};

} // namespace tenon::net

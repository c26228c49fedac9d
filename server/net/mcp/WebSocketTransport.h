#pragma once

#include "net/mcp/WebSocketSession.h"
#include "net/route/Router.h"

namespace tenon::net
{

/// Makes the handlers of GETs that ask for a WebSocket: they open it, or say why not. Whoever asks was admitted as any
/// other request is.
///
/// Ownership: what Services names outlives the handlers and their connections.
[[nodiscard]] HandlerFactory webSocketHandlers(const WebSocketSession::Services& services);

} // namespace tenon::net

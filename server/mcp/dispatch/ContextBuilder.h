#pragma once

#include "mcp/messages/RequestContext.h"
#include "mcp/methods/Protocol.h"

namespace tenon::mcp
{

/// Finds out who sends a message, in which revision, and in which session. What differs between the eras on the way in
/// ends here.
///
/// Errors:    RpcException, in the order of the specification's checks.
/// Threading: any thread.
/// Spec:      2026-07-28, Versioning; Streamable HTTP, Server Validation; 2025-11-25, Session Management.

/// The session of a message, null if it has none that exists and is its sender's.
[[nodiscard]] SessionPtr sessionOf(Protocol& protocol, const IncomingMessage& incoming);

/// The same; an RpcException (SESSION_REQUIRED, SESSION_NOT_FOUND, BAD_VERSION_HEADER) if there is none.
[[nodiscard]] SessionPtr requireSession(Protocol& protocol, const IncomingMessage& incoming);

/// The session that a notification is about; null if it is a modern one, which has none on HTTP.
[[nodiscard]] SessionPtr notifier(Protocol& protocol, const IncomingMessage& incoming, const jsonrpc::Message& message);

/// Fills all of `context` but the message, the document and the sink. False if the request is a legacy `initialize`,
/// which makes its own session.
[[nodiscard]] bool fixVersion(Protocol& protocol, const IncomingMessage& incoming, RequestContext& context);

/// Holds `Mcp-Method` and `Mcp-Name` of a modern request against its body. Shape: `named`: `about` is what stands in the body.
void checkRoutingHeaders(const RequestContext& context, bool named);

} // namespace tenon::mcp

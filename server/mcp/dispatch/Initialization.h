#pragma once

#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/Operation.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/methods/Protocol.h"

namespace tenon::mcp
{

/// Agrees with a legacy client on a revision, and answers: in a new session on Streamable HTTP, in the connection's
/// elsewhere.
///
/// Shape:     `watched`, if somebody watches, learns revision and session before the answer leaves; null: nobody does.
/// Errors:    RpcException.
/// Threading: any thread.
/// Spec:      2025-11-25, Lifecycle, Initialization.
void initialize(Protocol& protocol, const IncomingMessage& incoming, const RequestContext& context, Operation* watched);

} // namespace tenon::mcp

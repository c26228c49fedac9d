#pragma once

#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/methods/Protocol.h"

namespace tenon::mcp
{

/// What clients tell their session without being answered.
///
/// Errors:    RpcException if the session is missing.
/// Threading: any thread.

/// The answer to a request of this server. `sink` is finished without a body, once whoever asked has it, if that was another
/// instance.
void takeResponse(Protocol& protocol, const IncomingMessage& incoming, const base::JsonDocumentPtr& document,
                  const jsonrpc::Message& message, const ResponseSinkPtr& sink);

/// A notification. What it says of nothing here is dropped.
void takeNotification(Protocol& protocol, const IncomingMessage& incoming, const jsonrpc::Message& message);

} // namespace tenon::mcp

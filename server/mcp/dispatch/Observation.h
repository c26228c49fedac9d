#pragma once

#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/ObservedSink.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/methods/Methods.h"

#include <memory>

namespace tenon::mcp
{

/// Puts an observer before the sink of a request, for a listener that wants to hear of it.
///
/// Threading: any thread.
[[nodiscard]] std::shared_ptr<ObservedSink> observe(OperationListener& listener, const IncomingMessage& incoming,
                                                    RequestContext& context);

/// Tells what is known of an observed request before its method runs. Shape: `method` null: there is none of that name, or
/// the request is a legacy `initialize`.
void identify(OperationListener& listener, Operation& operation, const Method* method, RequestContext& context);

} // namespace tenon::mcp

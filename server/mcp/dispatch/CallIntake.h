#pragma once

#include "base/json/JsonDocument.h"
#include "base/limits/Quota.h"
#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/methods/Protocol.h"

namespace tenon::mcp
{

/// Counts what a call takes before it is made: one of the calls that may be in flight, by sender and in all, and the memory
/// of its message.
///
/// Errors:    RpcException: LIMIT (all together have too much) or QUOTA (this sender has).
/// Threading: any thread.
/// Ownership: borrows the protocol.
class CallIntake
{
public:
    explicit CallIntake(Protocol& protocol);

    /// Shape: the message of a call that is part of a batch is counted with the batch, as a whole.
    void take(const IncomingMessage& incoming, RequestContext& context, bool inBatch);

    /// The document, counted as long as anybody keeps it.
    [[nodiscard]] base::JsonDocumentPtr counted(const IncomingMessage& incoming, base::JsonDocumentPtr document);

private:
    Protocol& _protocol;
    base::Quota _calls; ///< in flight, by holder
};

} // namespace tenon::mcp

#pragma once

#include "mcp/messages/Operation.h"
#include "ops/live/LiveFeed.h"
#include "ops/telemetry/Tracing.h"

namespace tenon::ops
{

/// The protocol's one listener: traces, if they are on, and those who watch, while they do.
///
/// Threading: any thread.
/// Ownership: borrows both; `tracing` may be null.
class OperationFan : public mcp::OperationListener
{
public:
    OperationFan(LiveFeed& feed, Tracing* tracing) : _feed(feed), _tracing(tracing) {}

    bool wants() noexcept override { return _tracing || _feed.wantsRequest(); }
    void begins(mcp::Operation& operation, mcp::TraceContext& trace) noexcept override;
    void ended(const mcp::Operation& operation) noexcept override;

private:
    LiveFeed& _feed;
    Tracing* const _tracing;
};

} // namespace tenon::ops

#pragma once

#include "guard/Gate.h"
#include "ops/stats/SessionsView.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::ops
{

/// `POST /broadcast`: a message to all, or to some, for those who may broadcast.
///
/// Shape: the body is that of an mcp::Broadcast. Answered by {"sent":…}.
/// Ownership: borrows both.
class BroadcastHandler : public Poco::Net::HTTPRequestHandler
{
public:
    BroadcastHandler(SessionsView& sessions, const guard::Gate& gate) : _sessions(sessions), _gate(gate) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    SessionsView& _sessions;
    const guard::Gate& _gate;
};

} // namespace tenon::ops

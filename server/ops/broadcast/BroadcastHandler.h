#pragma once

#include "guard/Gate.h"
#include "ops/stats/SessionsView.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string_view>

namespace tenon::ops
{

/// `POST /broadcast`: a message to all, or to some, for those who may broadcast.
///
/// Shape: {"message":…,"filter":{"tokenTypes":[…],"permissions":[…],"sessions":[…]}}. The message is a JSON-RPC
///        notification, or a text or object that becomes a `notifications/message`. All filters must fit; permissions
///        are "stats", "broadcast", "tool:<name>", "resource:<uri>", "prompt:<name>". Answered by {"sent":…}.
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

/// Reads the body of a broadcast. Errors: Poco::DataFormatException, worded for who sent it.
[[nodiscard]] Broadcast parseBroadcast(std::string_view body);

} // namespace tenon::ops

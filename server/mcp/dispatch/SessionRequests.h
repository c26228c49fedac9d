#pragma once

#include "base/Principal.h"
#include "base/metrics/Metrics.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/methods/Protocol.h"

#include <functional>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What a client of Streamable HTTP wants of its session without a message: GET and DELETE on the MCP endpoint.
///
/// Threading: any thread. A session that another instance knows is fetched first.
/// Ownership: borrows everything.
class SessionRequests
{
public:
    /// Shape: `replayed` counts events that were sent again.
    SessionRequests(Protocol& protocol, base::Counter& replayed) : _protocol(protocol), _replayed(replayed) {}

    /// See Dispatcher::openSessionStream.
    void openStream(const base::PrincipalPtr& principal, std::string_view sessionId, std::string_view protocolVersion,
                    std::string_view lastEventId, const ResponseSinkPtr& sink);

    /// See Dispatcher::endSession.
    void end(const base::PrincipalPtr& principal, std::string_view sessionId, const ResponseSinkPtr& sink);

private:
    void withSession(const base::PrincipalPtr& principal, std::string_view sessionId, const ResponseSinkPtr& sink,
                     const std::function<void(const SessionPtr&)>& then);
    void listen(const SessionPtr& session, const ResponseSinkPtr& sink);
    void resume(const SessionPtr& session, const std::string& lastEventId, const ResponseSinkPtr& sink);
    void endHere(const SessionPtr& session, const ResponseSinkPtr& sink);

    Protocol& _protocol;
    base::Counter& _replayed;
};

} // namespace tenon::mcp

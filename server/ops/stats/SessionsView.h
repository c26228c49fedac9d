#pragma once

#include "base/Principal.h"
#include "mcp/dispatch/Dispatcher.h"
#include "store/Bus.h"

#include <Poco/Timestamp.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::ops
{

/// A session of a legacy client, or an open stream of a modern one.
struct SessionInfo
{
    std::string id; ///< of the session, or of the stream of a modern client: "listen-…"
    base::PrincipalPtr principal;
    std::string transport;       ///< "streamable-http", "http+sse", "stdio", "websocket"
    std::string protocolVersion; ///< "2025-11-25"
    std::string client;          ///< name and version, as the client says; may be empty
    Poco::Timestamp openedAt;
    std::int64_t idleMs = 0;
    std::uint64_t eventsSent = 0;
    bool streaming = false; ///< a stream of it is open
    bool modern = false;    ///< a stream without a session
};

/// A message for many.
struct Broadcast
{
    std::shared_ptr<const std::string> notification; ///< JSON-RPC, one line
    std::string event; ///< "mcp-notification": for SSE profiles with names of their own; may be empty
    std::shared_ptr<const std::string> payload; ///< as it was handed in, one line, for such profiles

    /// Whether it is meant for this session.
    std::function<bool(const SessionInfo&)> accepts;
};

/// All instances of the service, as this one knows them.
struct Fleet
{
    std::string self;  ///< tag
    bool away = false; ///< what they share cannot be reached: the others are as they were last seen
    std::vector<store::Member> members;
};

/// {"self":…,"away":…,"instances":[{"instance":…,"tag":…,"self":…,"ageMs":…,"state":{…}}]}
[[nodiscard]] std::string fleetJson(const Fleet& fleet);

/// The sessions and streams of the server, for operators.
///
/// Threading: any thread.
/// Ownership: borrows the dispatcher.
class SessionsView
{
public:
    explicit SessionsView(mcp::Dispatcher& dispatcher) : _dispatcher(dispatcher) {}

    [[nodiscard]] std::vector<SessionInfo> sessions() const;
    [[nodiscard]] std::size_t callsInFlight() const { return _dispatcher.callsInFlight(); }

    /// Ends a session, its calls and its streams, or the stream of a modern client. False if there is none of that id.
    bool end(std::string_view id);

    /// Sends to all that are accepted and have a stream that may carry it: legacy sessions, and modern streams as far
    /// as their subscription covers it. Returns how many got it; does not wait for any of them to read.
    std::size_t broadcast(const Broadcast& message);

    /// Hands the body of a broadcast to the other instances, if there are any.
    void broadcastElsewhere(const std::string& body);

    /// None: there is one instance.
    [[nodiscard]] std::optional<Fleet> fleet() const;

private:
    mcp::Dispatcher& _dispatcher;
};

} // namespace tenon::ops

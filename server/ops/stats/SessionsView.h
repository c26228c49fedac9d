#pragma once

#include "base/Principal.h"
#include "mcp/dispatch/Dispatcher.h"
#include "store/Archive.h"
#include "store/Bus.h"

#include <Poco/Timestamp.h>

#include <cstddef>
#include <cstdint>
#include <functional>
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

    /// Whether another instance may have one of that id.
    [[nodiscard]] bool mayBeElsewhere(std::string_view id) const;

    /// Ends that. `then` runs on any thread. AWAY: whether there is one, or has ended everywhere, cannot be said now.
    void endElsewhere(const std::string& id, std::function<void(store::Outcome)> then);

    /// See mcp::Protocol::broadcast.
    std::size_t broadcast(const std::string& body);

    /// None: there is one instance.
    [[nodiscard]] std::optional<Fleet> fleet() const;

private:
    mcp::Dispatcher& _dispatcher;
};

} // namespace tenon::ops

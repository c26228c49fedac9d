#pragma once

#include "base/Principal.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// What an operator sends to many: a notification, and whom it is for.
///
/// Threading: immutable; any thread.
class Broadcast
{
public:
    /// Shape:  {"message":…,"filter":{"tokenTypes":[…],"permissions":[…],"sessions":[…]}}. The message is a JSON-RPC
    ///         notification, or a text or object that becomes a `notifications/message`. All filters must fit;
    ///         permissions are "stats", "broadcast", "tool:<name>", "resource:<uri>", "prompt:<name>".
    /// Errors: Poco::DataFormatException, worded for who sent it.
    explicit Broadcast(std::string_view body);

    /// Whether it is meant for the session, or the listening stream, of that id and principal.
    [[nodiscard]] bool isFor(std::string_view id, const base::Principal& principal) const;

    [[nodiscard]] const std::string& method() const { return _method; }
    [[nodiscard]] const std::string& params() const { return _params; } ///< JSON text; empty: none
    [[nodiscard]] const std::string& uri() const { return _uri; }       ///< of the params; empty: they have none

    /// For connections whose clients know names of their own for events, "mcp-notification": may be empty.
    [[nodiscard]] const std::string& event() const { return _event; }
    /// The message as it was handed in, one line, for such clients.
    [[nodiscard]] const std::string& payload() const { return _payload; }

private:
    std::string _method, _params, _uri, _event, _payload;
    std::vector<std::string> _types, _permissions, _sessions; ///< each empty: for all
};

/// A connection whose clients know broadcasts in a form of their own; the sink of a session may be one.
class BroadcastForm
{
public:
    virtual ~BroadcastForm() = default;

    /// Shape:     `notification` is that of the broadcast, one line, serialised once for all.
    /// Threading: any thread; must not block.
    virtual void broadcast(const Broadcast& message, const std::shared_ptr<const std::string>& notification) = 0;
};

} // namespace tenon::mcp

#pragma once

#include "base/json/JsonDocument.h"
#include "client/ClientException.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::client
{

/// One message to the server.
struct Outgoing
{
    std::string text;   ///< the JSON
    std::string id;     ///< of a request, as JSON text; empty: nothing will answer
    std::string method; ///< empty: a response
    std::vector<std::pair<std::string, std::string>> headers; ///< for transports that have them: Mcp-Name, Mcp-Param-*
};

/// Receives what the server sends.
///
/// Threading: any thread, several at once. The transport's locks are not held; `send` may be called from within.
class TransportListener
{
public:
    virtual ~TransportListener() = default;

    /// One message, or an array of them.
    ///
    /// Shape: `related` is the id of the request on whose stream it came, as JSON text; empty: not known.
    virtual void onMessage(base::JsonDocumentPtr message, std::string_view related) = 0;

    /// No answer will come to the request `id`.
    virtual void onRequestFailed(const std::string& id, const ClientException& why) = 0;

    /// The transport is gone as a whole; nothing comes any more. At most once.
    virtual void onGone(const ClientException& why) = 0;
};

/// Carries messages to one server and back.
///
/// Threading: any thread. `close` waits for what the transport runs, so it is not called from a listener.
/// Ownership: borrows the listener from `open` until `close` returns.
class Transport
{
public:
    virtual ~Transport() = default;

    /// Errors: ClientException UNREACHABLE, NOT_ALLOWED or PROTOCOL.
    virtual void open(TransportListener& listener) = 0;

    /// May return before the message is gone; what fails later is told to the listener.
    ///
    /// Errors: ClientException if the transport is gone or closed.
    virtual void send(Outgoing message) = 0;

    /// The answer to the request `id` is no longer wanted. True if that alone tells the server (a closed stream);
    /// false: a notification must.
    virtual bool abandon(const std::string& id) = 0;

    /// The revision that was agreed on: it goes into headers from now on.
    virtual void setRevision(const std::string& revision) = 0;

    /// Opens what carries messages that belong to no request, where that is a thing of its own (legacy HTTP). Waits a
    /// moment for the server to have it, and tries on by itself.
    virtual void listen() = 0;

    /// Ends the session in order, within a second or two, and everything that runs. May be called again.
    virtual void close() = 0;

    /// What a user should know if no answer comes, in words that follow "no answer"; empty: nothing.
    [[nodiscard]] virtual std::string remark() { return {}; }

    /// Whether revisions without a handshake can be spoken over it.
    [[nodiscard]] virtual bool canBeModern() const { return true; }

    /// Whether messages travel as HTTP requests: parameters are mirrored into headers then.
    [[nodiscard]] virtual bool hasHeaders() const = 0;
};

} // namespace tenon::client

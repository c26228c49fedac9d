#pragma once

#include "base/Principal.h"
#include "jsonrpc/Error.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenon::mcp
{

struct PluginRun;

/// The final word on one incoming message. Texts are borrowed for the duration of the call that takes the Answer.
struct Answer
{
    std::span<const std::string_view>
        parts; ///< the JSON text, in pieces to be sent one after the other; empty: no body
    jsonrpc::ErrorKind error = jsonrpc::ErrorKind::NONE;
    bool toolFailed = false;    ///< a result with `isError`
    bool modern = false;        ///< of the client's revision; decides statuses
    std::string_view sessionId; ///< to be told in `Mcp-Session-Id`; empty: none
    std::string_view eventId;   ///< of this message on a stream; empty: none
    std::int64_t readyUs = 0;   ///< when there was an answer, base::steadyUs; 0: now
};

/// Notified once when the peer of a sink disconnects.
class DisconnectListener
{
public:
    virtual ~DisconnectListener() = default;

    /// Threading: a thread of the transport; must not block.
    virtual void disconnected() = 0;
};

/// Where the answer to one incoming message goes, or what is sent on one stream. The transports implement it: a POST's
/// response, a GET stream, the stream of an HTTP+SSE session, standard output.
///
/// Nothing blocks: what the peer does not take yet is queued, within the limits of the transport. After the peer has
/// gone, or after `finish` or `close`, everything is silently dropped.
///
/// Threading: any thread; messages leave in the order of the calls. Not called while a lock of this room is held that
///            `disconnected` takes.
/// Ownership: the transport keeps itself alive as long as a message may come; holders share it.
class ResponseSink
{
public:
    virtual ~ResponseSink() = default;

    /// Whether messages can be sent before the result (the client accepts `text/event-stream`, or it is a stream).
    [[nodiscard]] virtual bool streams() const = 0;

    /// Makes the response an event stream now, though there is no message yet: headers leave, and, if `primingId` is not
    /// empty, an event with that id and empty data, preceded by `retry:` if `retryMs` is not 0. No effect if it is open.
    virtual void openStream(std::string_view primingId, std::uint32_t retryMs) = 0;

    /// Sends one message that is not the answer; makes the response an event stream if it is not yet one.
    ///
    /// Shape:  one JSON text without line breaks; `eventId` empty: none.
    /// Errors: false if it cannot reach the peer: it has gone, or does not read and its queue is full (it is closed).
    virtual bool send(std::string_view message, std::string_view eventId) = 0;

    /// The same text for many streams, serialised once and shared.
    virtual bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) = 0;

    /// Whether somebody keeps a log of what is asked: `asked` is called then, before the answer.
    [[nodiscard]] virtual bool logs() const { return false; }

    /// Shape: `name` is the tool's, the prompt's or the resource's; `sessionId` of a legacy client; both may be empty.
    virtual void asked(std::string_view method, std::string_view name, std::string_view sessionId)
    {
        (void)method, (void)name, (void)sessionId;
    }

    /// The answer that follows, of kind FORBIDDEN, is about this permission; a transport with authorization says how to
    /// get it.
    virtual void denied(base::Access access, std::string_view name, bool readOnly)
    {
        (void)access, (void)name, (void)readOnly;
    }

    /// A plugin has done what was asked; the answer follows. For those who watch.
    virtual void ran(const PluginRun& run) { (void)run; }

    /// Answers and ends: a response or a stream is complete, stdio writes a line. On HTTP+SSE the stream goes on.
    virtual void finish(const Answer& answer) = 0;

    /// Ends without an answer; on a stream after `retry:` if `retryMs` is not 0.
    virtual void close(std::uint32_t retryMs) = 0;

    /// Whether the peer has gone or the sink was finished or closed.
    [[nodiscard]] virtual bool closed() const = 0;

    /// Sets who is told when the peer goes before `finish` or `close`. If it has gone already, it is told at once.
    virtual void onDisconnect(std::weak_ptr<DisconnectListener> listener) = 0;
};

using ResponseSinkPtr = std::shared_ptr<ResponseSink>;

} // namespace tenon::mcp

#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/limits/Quota.h"
#include "base/threads/SteadyClock.h"
#include "guard/Admission.h"
#include "mcp/messages/ResponseSink.h"
#include "net/connection/ExchangeSlot.h"
#include "net/connection/Response.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

class ByteTaker;
class Connection;

/// One request and its response on a connection: a plain response, a JSON answer, or an event stream.
///
/// A stream uses chunked framing, so that the connection goes on after it; for HTTP/1.0 it ends with the connection.
/// Objects are used again: a thread that has served a request keeps the exchange, if nobody else has it.
///
/// Errors:    none is thrown from a sink's functions. An answer that there is no memory for, or that fails in another
///            way, ends the connection: the exchange is over in any case.
/// Threading: any thread; guarded by the turn of the connection's output. Does not block.
/// Ownership: shared; the connection holds it until it is complete, it holds the connection.
class Exchange final : public mcp::ResponseSink, public std::enable_shared_from_this<Exchange>
{
public:
    Exchange();
    ~Exchange() override;

    /// Begins a request whose head has been read. `headers` are finished lines for every response.
    void begin(std::shared_ptr<Connection> connection, const ResponseForm& form, std::string headers);

    /// Has one that is over forget everything and be `spare`, to be used again; nothing happens if somebody else holds it.
    static void recycle(std::shared_ptr<Exchange>&& exchange, std::shared_ptr<Exchange>& spare);

    /// To be changed before anything is answered.
    [[nodiscard]] ResponseForm& form() { return _response.form(); }
    /// Somebody wants to know of it. Before anything is answered, and by who begins it.
    void observe(std::unique_ptr<ExchangeRecord> record) { _response.record = std::move(record); }

    /// A whole response of any kind.
    ///
    /// Shape: `headers` are finished lines; `contentType` empty: no body and no Content-Length (204) or 0.
    void respond(int status, std::string_view contentType, std::span<const std::string_view> body,
                 std::string_view headers = {});

    /// A finished answer of the gate or of the front.
    void respond(const guard::Reply& reply);

    /// A refusal: {"error":…,"message":…}.
    void refuse(int status, std::string_view message, std::string_view headers = {});

    /// A stream that there is no room for.
    struct NoRoom
    {
        int status; ///< 429: for this principal; 503: for anybody
        std::string_view message;
    };

    /// Takes a place among the streams there may be, until the exchange is complete. To be asked before one is opened
    /// that lasts; those that only carry an answer end with it, and count as calls.
    [[nodiscard]] std::optional<NoRoom> takeStream(const Request& request);

    /// What came with this request has failed, though it was accepted: for its line in the access log.
    void failed();

    /// What the sender makes the server keep of its message after this exchange.
    [[nodiscard]] base::HolderShare keepsFor(std::string_view holder, const base::HolderLimits& limits) const;

    /// Whose stream that is, for its lines in the log. Before it is opened.
    void ofSession(std::string_view sessionId);

    /// Why a stream closes, if not because its server or its client wanted that. Shape: a literal.
    void closesBecause(std::string_view why);

    /// Begins to measure: what `finish` answers is a request of a client.
    ///
    /// Shape: gives when that was, base::steadyUs.
    std::int64_t startClock() { return _response.beganUs = base::steadyUs(); }

    /// One event, data of any lines; opens the stream if it is not open.
    bool sendEvent(std::string_view event, std::string_view id, std::string_view data);

    /// Several finished events in one piece.
    bool sendEvents(std::string_view events, std::size_t count);

    /// The connection leaves HTTP with 101, and becomes a WebSocket: `taker` gets what comes from now on. By the thread
    /// that serves the request.
    ///
    /// Shape: `headers` are finished lines.
    void leaveHttp(std::shared_ptr<ByteTaker> taker, std::string_view headers);

    /// After that: one text frame; what does not end it, in one piece.
    bool sendText(std::span<const std::string_view> parts);
    bool sendControl(std::string_view frame);

    /// After that: says that it ends and why, and ends when the peer has said so too, or had its time for that.
    ///
    /// Shape: `why` is a literal, for the log.
    void closeSocket(std::uint16_t status, std::string_view reason, std::string_view why);

    /// The front's clock.
    [[nodiscard]] std::uint32_t nowMs() const;

    /// Its peer is to take some of what waits before it is asked for more.
    [[nodiscard]] bool congested() const;

    /// What a heartbeat of this stream looks like if it is not a comment after silence: an event's text, sent steadily;
    /// static or kept by the caller.
    void setHeartbeat(std::string_view event) { _response.setHeartbeat(event); }

    // mcp::ResponseSink
    [[nodiscard]] bool streams() const override { return _response.form().acceptsStream; }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    [[nodiscard]] bool logs() const override { return _response.record != nullptr; }
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override;
    void denied(base::Access access, std::string_view name, bool readOnly) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

    // For the connection.
    /// Nobody holds it any more who could answer. Without a turn.
    void forgotten();
    /// Whether its answer is compressed, by a thread that holds it. Within a turn.
    [[nodiscard]] bool isPacking() const { return _response.phase == Phase::PACKING; }
    /// The peer has gone, or the connection was closed for a reason, a literal. Without a turn.
    void lost(std::string_view why);
    /// Sends what keeps the stream alive, if it is time. Within a turn.
    ///
    /// Shape: `heardMs` is when the peer last sent something; only a WebSocket's answers.
    void heartbeat(ConnectionOutput::Turn& turn, std::uint32_t nowMs, std::uint32_t everyMs, std::uint32_t heardMs)
    {
        _response.heartbeat(turn, nowMs, everyMs, heardMs);
    }
    /// Whether what proved its client's identity has ended meanwhile. Within a turn.
    [[nodiscard]] bool expired() const { return _until != FOR_EVER && std::chrono::steady_clock::now() >= _until; }
    /// Whether it is an open stream. Within a turn.
    [[nodiscard]] bool isStream() const { return _response.phase == Phase::STREAM; }

private:
    using Phase = Response::Phase;
    using Turn = ConnectionOutput::Turn;
    static constexpr auto FOR_EVER = std::chrono::steady_clock::time_point::max();

    // Within a turn.
    [[nodiscard]] bool isOver() const { return _response.phase == Phase::DONE || _response.phase == Phase::PACKING; }
    /// The exchange is over: the connection may serve the next.
    [[nodiscard]] ExchangeSlot::Over complete(Turn& turn);

    // Without a turn.
    /// Does something that may fail for want of memory; the connection fails then.
    template <typename Work>
    bool guarded(Work work) noexcept;
    /// Does the last thing there is to do; whatever that throws, the exchange is over.
    template <typename Work>
    void conclude(Work work, bool packed = false) noexcept;
    [[nodiscard]] bool packAside(const mcp::Answer& answer) noexcept;

    std::shared_ptr<Connection> _connection;

    // Guarded by the turn.
    Response _response;
    std::atomic<bool> _closed{true}; ///< answered, or the peer has gone; may be read without
    bool _gone = false;
    std::weak_ptr<mcp::DisconnectListener> _listener;
    base::Quota::HeldPtr _held;                              ///< the place of a stream
    std::chrono::steady_clock::time_point _until = FOR_EVER; ///< a stream may last
};

} // namespace tenon::net

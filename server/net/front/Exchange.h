#pragma once

#include "base/Quota.h"
#include "guard/Admission.h"
#include "mcp/messages/ResponseSink.h"
#include "net/front/AccessListener.h"
#include "net/http/RequestHead.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::net
{

class Connection;

/// One request and its response on a connection: a plain response, a JSON answer, or an event stream.
///
/// A stream uses chunked framing, so that the connection goes on after it; for HTTP/1.0 it ends with the connection.
///
/// Threading: any thread; guarded by the connection's mutex. Does not block.
/// Ownership: shared; the connection holds it until it is complete, it holds the connection.
class Exchange final : public mcp::ResponseSink, public std::enable_shared_from_this<Exchange>
{
public:
    /// How the response may look; fixed before it begins.
    struct Form
    {
        int minorVersion = 1;
        bool keepAlive = true;
        bool headOnly = false; ///< answers HEAD
        bool acceptsJson = true;
        bool acceptsStream = false;
        bool acceptsGzip = false;
        int emptyStatus = 202;              ///< of an answer without error and without body
        std::string_view event = "message"; ///< name of events; static
    };

    Exchange(std::shared_ptr<Connection> connection, const Form& form, std::string headers);
    ~Exchange() override;

    /// What the listener is told in the end. Before anything is answered.
    void note(std::unique_ptr<AccessEntry> entry) { _access = std::move(entry); }

    /// To be changed before anything is answered.
    [[nodiscard]] Form& form() { return _form; }

    /// A whole response of any kind.
    ///
    /// Shape: `headers` are finished lines; `contentType` empty: no body and no Content-Length (204) or 0.
    void respond(int status, std::string_view contentType, std::span<const std::string_view> body,
                 std::string_view headers = {});

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
    [[nodiscard]] std::optional<NoRoom> takeStream(const guard::Admission& admission);

    /// Begins to measure: what `finish` answers is a request of a client.
    void startClock() { _began = std::chrono::steady_clock::now(); }

    /// One event, data of any lines; opens the stream if it is not open.
    bool sendEvent(std::string_view event, std::string_view id, std::string_view data);

    // mcp::ResponseSink
    [[nodiscard]] bool streams() const override { return _form.acceptsStream; }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    [[nodiscard]] bool logs() const override;
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override;
    void denied(base::Access access, std::string_view name, bool readOnly) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

    // For the connection.
    /// The peer has gone. Without the connection's mutex.
    void lost();
    /// A comment on a silent stream, in the stream's form. With the mutex.
    void heartbeat();

    /// What a heartbeat of this stream looks like if it is not a comment: an event's text; static or kept by the
    /// caller.
    void setHeartbeat(std::string_view event) { _heartbeat = event; }

private:
    enum class Phase : std::uint8_t
    {
        FRESH,
        STREAM,
        DONE
    };

    // With the mutex.
    bool beginStream();
    bool sendFrame(std::string_view head, std::span<const std::string_view> data);
    bool hasRoom(std::size_t bytes);
    void endStream();
    void sendWhole(int status, std::string_view contentType, std::span<const std::string_view> body,
                   std::string_view headers);
    void finishLocked(const mcp::Answer& answer, std::string_view packed);
    /// The exchange is over: the connection may serve the next. Gives back what has to die outside the mutex.
    [[nodiscard]] std::shared_ptr<Exchange> complete();
    // Without the mutex, after `complete`.
    void resume();
    void report();

    const std::shared_ptr<Connection> _connection;

    // Guarded by the connection's mutex.
    Form _form;
    Phase _phase = Phase::FRESH;
    bool _gone = false;
    std::string_view _heartbeat;
    const std::string _headers; ///< finished lines for every response: CORS
    std::weak_ptr<mcp::DisconnectListener> _listener;
    std::unique_ptr<AccessEntry> _access;           ///< null: nobody wants to know
    std::unique_ptr<std::string> _challenge;        ///< finished lines for an answer of kind FORBIDDEN
    base::Quota::HeldPtr _held;                     ///< the place of a stream
    std::chrono::steady_clock::time_point _began{}; ///< zero: not measured
};

} // namespace tenon::net

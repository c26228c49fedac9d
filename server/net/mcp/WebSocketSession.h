#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Executor.h"
#include "base/websocket/WebSocketReader.h"
#include "mcp/dispatch/Dispatcher.h"
#include "mcp/messages/DisconnectListeners.h"
#include "net/connection/ByteTaker.h"
#include "net/connection/Exchange.h"
#include "net/io/KeptBytes.h"
#include "net/route/AdmissionControl.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// One client over a WebSocket: a message a text frame, in both directions, and a session that lasts as long as the
/// connection does. Modern clients have their requests cancelled by id in it.
///
/// What comes is handled by the thread that reads it, or by the executor if it may block. A client whose answers wait is
/// not read. The end of the connection ends its calls.
///
/// Threading: `take` and what else is of ByteTaker: the owner of the connection; the others any thread.
/// Ownership: kept by the connection, the session and the replies that are due; borrows what Services names.
/// Spec:      RFC 6455; 2026-07-28, Custom Transports.
class WebSocketSession final : public ByteTaker,
                               public mcp::ResponseSink,
                               public mcp::DisconnectListener,
                               public std::enable_shared_from_this<WebSocketSession>
{
public:
    /// What it stands on; all outlive it.
    struct Services
    {
        mcp::Dispatcher& dispatcher;
        base::Executor& executor;
        AdmissionControl& admission;
        base::Histogram& durations; ///< of requests
        std::size_t maxMessageBytes;
    };

    WebSocketSession(const Services& services, const Request& request, ExchangePtr exchange);

    /// Once, before anything comes. Ownership: `session` is ended with the connection.
    void begin(std::shared_ptr<mcp::Session> session);

    // ByteTaker
    [[nodiscard]] bool take(std::span<char> bytes) override;
    [[nodiscard]] bool overdue(std::uint32_t nowMs, std::uint32_t limitMs) const override;
    void expire() override;
    void tooLate() override;
    void retire() override;

    // mcp::ResponseSink: what answers nothing
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override { return _exchange->closed(); }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

    // mcp::DisconnectListener: of the exchange
    void disconnected() override { lose(); }

private:
    class Reply;

    [[nodiscard]] bool use(const base::WebSocketReader::Event& event);
    [[nodiscard]] bool message(std::string_view text, bool padded);
    void hand(std::string_view text, bool padded, const guard::Admission& admission);
    void queue(const mcp::IncomingMessage& incoming, const std::shared_ptr<Reply>& reply,
               const guard::Admission& admission);
    void refuse(std::string_view text, jsonrpc::ErrorKind kind, std::string_view why);
    [[nodiscard]] bool keep(std::span<char> rest);
    /// Says why it ends, and ends. False, as `take` says it.
    bool end(std::uint16_t status, std::string_view reason, std::string_view why = "server");
    void lose();
    [[nodiscard]] bool expired() const { return std::chrono::steady_clock::now() >= _principal->expiresAt; }

    const Services _services;
    const ExchangePtr _exchange;
    const base::PrincipalPtr _principal;
    const std::string _address, _holder;
    const base::HolderLimits _limits;

    // The owner's.
    base::WebSocketReader _reader;
    std::unique_ptr<KeptBytes> _kept; ///< of a frame that is not complete, or that waits
    base::HolderShare _fragments;     ///< of a message that is not complete
    std::uint32_t _sinceMs = 0;       ///< a message is not complete; 0: none

    std::atomic<std::size_t> _open{0}; ///< messages that are not answered yet

    mcp::DisconnectListeners _listeners;

    std::mutex _mutex; // guards all below
    bool _lost = false;
    std::shared_ptr<mcp::Session> _session;
};

} // namespace tenon::net

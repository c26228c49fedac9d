#pragma once

#include "base/Principal.h"
#include "mcp/dispatch/Dispatcher.h"
#include "mcp/messages/ResponseSink.h"
#include "net/connection/Exchange.h"
#include "net/mcp/SseProfile.h"
#include "net/route/Endpoint.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::net
{

/// The event stream of one HTTP+SSE session. Several profiles may share a stream path: each tells its own events, and
/// clients see those they know by name.
///
/// Threading: any thread.
/// Ownership: kept by SseTransport until the peer goes.
class SseStream final : public mcp::ResponseSink,
                        public mcp::DisconnectListener,
                        public std::enable_shared_from_this<SseStream>
{
public:
    using Gone = std::function<void(SseStream& stream, const std::shared_ptr<mcp::Session>& session)>;

    SseStream(ExchangePtr exchange, std::vector<const SseProfile*> profiles, base::PrincipalPtr principal, Gone gone);

    /// Only events of these names are sent from now on, beside the first ones; empty: all. Before anything is sent.
    void want(std::vector<std::string> events) { _wanted = std::move(events); }
    [[nodiscard]] bool wants(std::string_view event) const;

    /// Before anything is sent; `id` is what clients know, which may be of their own choice.
    void begin(std::string id, std::shared_ptr<mcp::Session> session);

    [[nodiscard]] const std::string& id() const { return _id; }
    [[nodiscard]] const base::PrincipalPtr& principal() const { return _principal; }
    [[nodiscard]] std::shared_ptr<mcp::Session> session() const; ///< null when the peer has gone

    /// True once: the first message decides whether the server has to initialize.
    [[nodiscard]] bool firstMessage() { return !_spoken.exchange(true); }

    bool sendEvent(std::string_view event, std::string_view data);

    /// What an operator sends to many: `notification` in the form of each profile; those that wrap messages get
    /// `payload` as it was handed in, as an event of the name `event`, if it has one.
    void broadcast(const std::shared_ptr<const std::string>& notification, std::string_view event,
                   std::string_view payload);

    /// What stands for {id}, {path} and {time} in a profile's texts.
    [[nodiscard]] std::string fill(std::string_view text, std::string_view path) const;

    /// Ends it because its client has come back on another connection.
    void replace();

    // mcp::ResponseSink: messages of the session that answer nothing.
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override { return _exchange->closed(); }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

    // mcp::DisconnectListener
    void disconnected() override;

private:
    const ExchangePtr _exchange;
    const std::vector<const SseProfile*> _profiles;
    const base::PrincipalPtr _principal;
    const Gone _gone;
    std::string _id;                  ///< set by `begin`
    std::vector<std::string> _wanted; ///< set before that
    std::atomic<bool> _spoken{false};

    mutable std::mutex _mutex;              // guards all below
    std::shared_ptr<mcp::Session> _session; ///< which holds this stream, until one of them ends
    bool _lost = false;
    std::vector<std::weak_ptr<mcp::DisconnectListener>> _listeners;
};

using SseStreamPtr = std::shared_ptr<SseStream>;

/// Takes the answer to one message of a HTTP+SSE session to its stream, in the form of a profile.
///
/// Threading: any thread.
class SseReply final : public mcp::ResponseSink
{
public:
    /// Shape: `method` and `tool` (of tools/call) are told in wrapped messages; `poster` is the POST that brought the
    ///        message, which logs what it asks.
    SseReply(SseStreamPtr stream, const SseProfile& profile, std::string method, std::string tool, ExchangePtr poster);

    /// From now on everything goes to the stream. Before, an answer that says the message was none is kept for the
    /// POST: it is given back, else empty.
    [[nodiscard]] std::string settle();

    [[nodiscard]] bool logs() const override;
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override;
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    bool tell(std::string_view event, std::string_view method, std::string_view message) const;
    bool reject(std::string_view text);
    void tellAnswer(const mcp::Answer& answer);

    const SseStreamPtr _stream;
    const SseProfile& _profile;
    const std::string _method;
    const std::string _tool;

    mutable std::mutex _order; // nothing of a request follows its answer: guards `_done`, held while sending
    bool _done = false;

    mutable std::mutex _mutex; // guards all below
    ExchangePtr _poster;       ///< until settled
    bool _settled = false;
    std::string _rejection;
};

} // namespace tenon::net

#pragma once

#include "base/Principal.h"
#include "base/threads/Once.h"
#include "base/threads/Timers.h"
#include "mcp/dispatch/Dispatcher.h"
#include "mcp/messages/DisconnectListeners.h"
#include "mcp/subscriptions/Broadcast.h"
#include "net/connection/Exchange.h"
#include "net/mcp/KeptEvents.h"
#include "net/mcp/SseProfile.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::net
{

/// The event stream of one HTTP+SSE session. Several profiles may share a stream path: each tells its own events, and
/// clients see those they know by name.
///
/// If a profile resumes, events have ids and are kept: a client that lost its connection comes back to the session on
/// another one, and one that no stream reaches polls for them.
///
/// Errors:    what it does when its client is gone for good needs no memory: it lets go of the exchange, and SseStreams of
///            it, whatever fails.
/// Threading: any thread.
/// Ownership: kept by SseStreams until its client is gone for good.
class SseStream final : public mcp::ResponseSink,
                        public mcp::BroadcastForm,
                        public std::enable_shared_from_this<SseStream>
{
public:
    using Profiles = std::vector<const SseProfile*>;
    using Gone = std::function<void(SseStream& stream, const std::shared_ptr<mcp::Session>& session)>;

    struct Form
    {
        Profiles profiles;
        base::PrincipalPtr principal;
        std::size_t keptBytes = 0; ///< of events; 0: none are kept
        base::Budget& budget;
        base::Timers& timers;
        std::chrono::milliseconds batch{0}; ///< for which events are gathered, to leave in one piece
    };

    SseStream(const Form& form, Gone gone);

    /// What names a client's stream among all. Shape: no client can name another one's.
    [[nodiscard]] static std::string keyOf(const base::PrincipalPtr& principal, std::string_view id);

    /// Before anything is sent; `id` is what clients know, which may be of their own choice.
    void begin(std::string id, std::shared_ptr<mcp::Session> session);

    /// The client listens on this exchange, from now on instead of another one.
    void attach(const ExchangePtr& exchange);

    /// The same for a client that comes back: what it missed after the event of that index is sent first.
    /// Errors: false, and nothing done, if some of that is no longer kept.
    [[nodiscard]] bool comeBack(const ExchangePtr& exchange, std::vector<std::string> wanted, std::uint64_t after);

    /// Only events of these names are sent from now on; empty: all.
    void want(std::vector<std::string> events);

    /// Answers a poll with the events after `after`, at once or as soon as there is one, until `patience` is over.
    void poll(const ExchangePtr& exchange, std::uint64_t after, std::chrono::milliseconds patience);

    [[nodiscard]] const std::string& id() const { return _id; }
    [[nodiscard]] const std::string& key() const { return _key; }
    [[nodiscard]] const base::PrincipalPtr& principal() const { return _form.principal; }
    [[nodiscard]] std::shared_ptr<mcp::Session> session() const; ///< null when the client is gone for good
    [[nodiscard]] bool resumes() const { return _form.keptBytes != 0; }

    /// Nobody listens at the moment, though somebody may come back.
    [[nodiscard]] bool away() const;

    /// Answers polls whose patience is over. True if nobody has listened for `resume`.
    [[nodiscard]] bool look(std::chrono::steady_clock::time_point now, std::chrono::milliseconds resume);

    /// Runs `work` for the first message, which decides whether the server has to initialize. Messages that come meanwhile
    /// wait until it has: they need what it makes.
    template <typename Work>
    void onFirstMessage(Work work)
    {
        _spoken(work);
    }

    bool sendEvent(std::string_view event, std::string_view data);

    /// Events it has carried, answers and all.
    [[nodiscard]] std::uint64_t events() const { return _events.load(std::memory_order_relaxed); }

    /// The notification in the form of each profile; those that wrap messages get the message as it was handed in, under
    /// the event's name, if it has one.
    void broadcast(const mcp::Broadcast& message, const std::shared_ptr<const std::string>& notification) override;

    /// What stands for {id}, {path} and {time} in a profile's texts.
    [[nodiscard]] std::string fill(std::string_view text, std::string_view path) const;

    /// Ends it because its client has come back as another one, or stays away.
    void end(std::string_view why);

    // mcp::ResponseSink: messages of the session that answer nothing.
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    using Time = std::chrono::steady_clock::time_point;

    /// Whether the peer of one exchange has gone: that news may come when the client listens on another one already.
    class Peer;

    /// A request that waits for events.
    struct Poll
    {
        ExchangePtr exchange;
        std::uint64_t after = 0;
        Time until;
    };

    void peerGone(const Exchange* exchange);
    void lose() noexcept;

    // With _mutex.
    [[nodiscard]] std::shared_ptr<Peer> listen(const ExchangePtr& exchange);
    [[nodiscard]] bool wants(std::string_view event) const;
    [[nodiscard]] std::string eventId(std::uint64_t index) const { return _id + '_' + std::to_string(index); }
    bool deliver(std::string_view event, std::string_view id, std::string_view data);
    void flush();
    void answerPoll(Poll& poll);

    const Form _form;
    const Gone _gone;
    std::string _id, _key; ///< set by `begin`; the key is at hand where there is no memory to make one
    base::Once _spoken;
    std::atomic<std::uint64_t> _events{0};

    mcp::DisconnectListeners _listeners;
    mutable std::mutex _mutex;              // guards all below
    std::shared_ptr<mcp::Session> _session; ///< which holds this stream, until one of them ends
    ExchangePtr _exchange;                  ///< null: nobody listens, or somebody polls
    std::shared_ptr<Peer> _peer;            ///< of _exchange
    std::vector<std::string> _wanted;
    std::unique_ptr<KeptEvents> _kept; ///< null: none are
    Poll _poll;                        ///< its exchange is null if none waits
    Time _awaySince{};
    std::string _batch;
    std::size_t _batched = 0; ///< events in it
    bool _lost = false;
};

using SseStreamPtr = std::shared_ptr<SseStream>;

} // namespace tenon::net

#pragma once

#include "base/Principal.h"
#include "base/limits/HolderBudgets.h"
#include "base/threads/SteadyClock.h"
#include "jsonrpc/Message.h"
#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/revisions/ClientCapabilities.h"
#include "mcp/revisions/ProtocolVersion.h"
#include "mcp/sessions/RunningRequest.h"
#include "mcp/sessions/SessionStream.h"
#include "mcp/sessions/SubscribedUris.h"
#include "store/InstanceId.h"

#include <Poco/Timestamp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenon::mcp
{

class Session;

/// What other instances hold of the same session, as it knows them. Only a server that is one of several has it.
///
/// Threading: any thread; nothing blocks.
class OtherInstances
{
public:
    virtual ~OtherInstances() = default;

    /// Hands a message that belongs to no request to the instance `tag`, whose stream the client listens to. False if that
    /// instance is gone.
    virtual bool notify(const std::string& tag, const Session& session,
                        const std::shared_ptr<const std::string>& message) = 0;
};

/// What a legacy client and this server agreed on, and what goes on between them. On stdio it also stands for the
/// connection of a modern client, as the place where its requests can be cancelled by id.
///
/// Threading: any thread.
/// Spec:      2025-11-25, Lifecycle; Transports, Session Management.
class Session
{
public:
    /// Shape:     `stream` is the connection's stream (HTTP+SSE, WebSocket, stdio), null on Streamable HTTP. `maker` names this
    ///            instance in ids of streams and requests.
    /// Ownership: borrows `others`, null if there are none.
    Session(std::string id, base::PrincipalPtr principal, Transport transport, ResponseSinkPtr stream,
            store::InstanceId maker = {}, OtherInstances* others = nullptr);

    // Constant after construction.
    const std::string id;
    const base::PrincipalPtr principal;
    const Transport transport;
    const ResponseSinkPtr connection; ///< null on Streamable HTTP
    const Poco::Timestamp openedAt;

    /// Fixes what the handshake agreed on; false if that has been done. What it sets is read after `initialized` only.
    bool initialize(ProtocolVersion version, const ClientCapabilities& client, std::string clientName);
    [[nodiscard]] bool initialized() const { return _initialized.load(std::memory_order_acquire); }
    [[nodiscard]] ProtocolVersion version() const { return initialized() ? _version : ProtocolVersion::V2024_11_05; }
    [[nodiscard]] ClientCapabilities client() const { return initialized() ? _client : ClientCapabilities(); }
    [[nodiscard]] std::string clientName() const { return initialized() ? _clientName : std::string(); }

    /// The client has said something.
    void touch()
    {
        _lastUsed.store(base::steadyMs(), std::memory_order_relaxed);
        if (!isUsed())
            _used.store(initialized() && _greeted.exchange(true), std::memory_order_relaxed);
    }
    /// Whether something came after `initialize`.
    [[nodiscard]] bool isUsed() const { return _used.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t idleMs() const { return base::steadyMs() - _lastUsed.load(std::memory_order_relaxed); }
    std::atomic<int> logLevel{1}; ///< TENON_LOG_*; info until the client says otherwise

    /// Messages that went out as events of its streams, or over its connection without being answers.
    [[nodiscard]] std::uint64_t eventsSent() const { return _eventsSent->load(std::memory_order_relaxed); }

    // Requests of the client that run, by id.
    void add(const std::string& requestId, const std::shared_ptr<RunningRequest>& request);
    void remove(const std::string& requestId, const RunningRequest& request); ///< not another one that took its id
    [[nodiscard]] std::shared_ptr<RunningRequest> running(const std::string& requestId) const;

    /// Requests of this server that wait for the client's response.
    using Responder = std::function<void(const jsonrpc::Message&, const base::JsonDocumentPtr&)>;

    /// Keeps `responder` and gives the id, JSON text, under which the request has to go out.
    [[nodiscard]] std::string expectResponse(Responder responder);
    void forgetResponse(const std::string& requestId);

    /// Hands a response to whoever waits for it; false if nobody does.
    bool respond(const jsonrpc::Message& message, const base::JsonDocumentPtr& document);

    // Streams of Streamable HTTP.
    /// A stream for the answer to one request, on `sink`.
    ///
    /// Shape: `answers` is that request's id, JSON text.
    [[nodiscard]] std::shared_ptr<SessionStream> openStream(store::EventStore& events, std::uint32_t retryMs,
                                                            const ResponseSinkPtr& sink, const std::string& answers);
    /// A further stream for messages that belong to no request, on `sink`. Those that are open stay open: each message
    /// goes out on one of them.
    [[nodiscard]] std::shared_ptr<SessionStream> openStandalone(store::EventStore& events, std::uint32_t retryMs,
                                                                const ResponseSinkPtr& sink);
    /// The stream of that id; null if there is none.
    [[nodiscard]] std::shared_ptr<SessionStream> stream(const std::string& streamId) const;

    /// Sends a message that belongs to no request, on whatever stream the client listens to for that, at whatever
    /// instance. False if it listens to none.
    bool notify(const std::shared_ptr<const std::string>& message);

    /// The same for news that every instance tells: only on a stream of this one.
    bool notifyHere(const std::shared_ptr<const std::string>& message);

    /// The client listens at the instance of this tag now; empty: at this one, or nowhere.
    void listensAt(std::string tag);
    [[nodiscard]] std::string listensAt() const;
    [[nodiscard]] bool hasStandalone() const; ///< a stream for messages that belong to no request is here

    // resources/subscribe
    bool subscribe(const std::string& uri, base::HolderShare share); ///< true if it is new
    bool unsubscribe(const std::string& uri);                        ///< true if it was there
    /// As `subscribe`, but only while the client is subscribed at another instance: who takes that back meanwhile comes
    /// before or after, never between.
    bool subscribeToo(const std::string& uri, base::HolderShare share);
    /// In which form the client asked for `normal`, a base::normalUri, at whatever instance; empty: it did not.
    [[nodiscard]] std::string subscribedAs(std::string_view normal) const;
    [[nodiscard]] std::vector<std::string> subscriptions() const; ///< those made or taken over here
    [[nodiscard]] std::size_t subscriptionCount() const;          ///< of these
    /// Those that another instance made: told of, not held here.
    void subscribedElsewhere(const std::string& uri, bool is);
    [[nodiscard]] std::vector<std::string> subscriptionsElsewhere() const;

    /// Ends the streams for messages that belong to no request, after `retry:`, so that the client comes back elsewhere.
    void closeStandalone(std::uint32_t retryMs);

    /// Ends the session: its requests are answered with an error, its streams end after `retry:` if `retryMs` is not 0.
    /// Once.
    void end(std::uint32_t retryMs);

    /// The same, of a session that goes on elsewhere: what was sent on its streams is kept for whoever resumes them.
    void leave(std::uint32_t retryMs);
    [[nodiscard]] bool ended() const { return _ended; }

    [[nodiscard]] bool hasOpenStream() const;

    /// Whether a stream of it is open, or a request runs: such a session is not idle.
    [[nodiscard]] bool busy() const;

private:
    struct Running
    {
        const RunningRequest* request; ///< for comparison
        std::weak_ptr<RunningRequest> held;
    };
    void close(std::uint32_t retryMs, bool leaving);
    [[nodiscard]] std::shared_ptr<SessionStream> newStream(store::EventStore& events, std::uint32_t retryMs,
                                                           const std::string& answers); // with _mutex
    [[nodiscard]] std::shared_ptr<SessionStream> takeOldest(std::size_t many);          // with _mutex
    bool send(const std::shared_ptr<const std::string>& message, bool anywhere);

    const store::InstanceId _maker;
    OtherInstances* const _others;

    static constexpr std::size_t MAX_STANDALONE = 4;
    static constexpr std::size_t MAX_STREAMS = 64;     ///< kept for clients that resume; the oldest finished ones go
    static constexpr std::size_t AWAITED_STREAMS = 16; ///< beyond that, until the calls that opened them have left

    std::atomic<bool> _initialized{false};
    ProtocolVersion _version = ProtocolVersion::V2024_11_05;
    ClientCapabilities _client;
    std::string _clientName;
    std::atomic<std::int64_t> _lastUsed;
    std::atomic<bool> _ended{false};
    std::atomic<bool> _greeted{false}; ///< `initialize` was
    std::atomic<bool> _used{false};
    const std::shared_ptr<std::atomic<std::uint64_t>> _eventsSent; ///< its streams may outlive it

    mutable std::mutex _mutex;                         // guards all below
    std::unordered_map<std::string, Running> _running; ///< by request id
    std::unordered_map<std::string, Responder> _awaited;
    std::uint64_t _nextRequest = 1;
    std::vector<std::shared_ptr<SessionStream>> _streams;    ///< oldest first
    std::vector<std::shared_ptr<SessionStream>> _standalone; ///< oldest first
    std::uint64_t _nextStream = 1;
    SubscribedUris _subscriptions, _subscriptionsElsewhere;
    std::string _listensAt; ///< another instance's tag
};

using SessionPtr = std::shared_ptr<Session>;

} // namespace tenon::mcp

#pragma once

#include "mcp/messages/ResponseSink.h"
#include "store/EventStore.h"

#include <atomic>
#include <mutex>
#include <string>

namespace tenon::mcp
{

/// A stream of a legacy session that a client can come back to: what is sent on it has an id and is kept, so that the
/// messages go on while the client is away.
///
/// It stands between those who send and the transport's sink, which may change when the client resumes. The peer's
/// going is no cancellation here.
///
/// Threading: any thread.
/// Spec:      2025-11-25, Transports, Resumability and Redelivery.
class SessionStream : public ResponseSink
{
public:
    /// Shape:     `key` names the stream in `events`, `id` is what clients see of it; `priming` is whether the revision
    ///            begins streams with an event of empty data; `sent` counts what goes out as an event.
    /// Ownership: `events` outlives the stream.
    SessionStream(store::EventStore& events, std::string key, std::string id, bool priming, std::uint32_t retryMs,
                  std::shared_ptr<std::atomic<std::uint64_t>> sent);
    ~SessionStream() override;

    /// Gives the stream its first sink, or a further one in place of a peer that has gone. On a stream that is closed
    /// the sink is closed.
    void attach(const ResponseSinkPtr& sink);

    /// Replays what follows `index` on `sink` and goes on there.
    ///
    /// Errors: Poco::NotFoundException if any of it is no longer kept; nothing is sent then.
    std::size_t resume(std::uint64_t index, const ResponseSinkPtr& sink);

    /// Lets the client go and come back after `retryMs`; what is sent meanwhile is kept. No effect before the revision
    /// that knows priming events, or on a sink that cannot stream.
    void release(std::uint32_t retryMs);

    /// What was sent is kept, beyond this process, for a client that comes back to it elsewhere.
    void leave() { _leaving = true; }

    [[nodiscard]] const std::string& id() const { return _id; }
    [[nodiscard]] bool finished() const;
    [[nodiscard]] bool hasPeer() const; ///< a client is connected to it

    // ResponseSink
    [[nodiscard]] bool streams() const override;
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<DisconnectListener>) override {}

private:
    /// Whether the peer of one sink has gone. Each sink has its own: the news of an old connection's end may come when
    /// the client is back already. Only a flag, so that a sink may tell it while the stream calls the sink.
    class Peer : public DisconnectListener
    {
    public:
        void disconnected() override { away = true; }
        std::atomic<bool> away{false};
    };

    // With _mutex.
    void open(std::uint32_t retryMs);
    [[nodiscard]] ResponseSinkPtr replace(const ResponseSinkPtr& sink);
    [[nodiscard]] bool present() const { return _sink && !_peer->away; }

    [[nodiscard]] std::string eventId(std::uint64_t index) const;

    store::EventStore& _events;
    const std::string _key;
    const std::string _id;
    const bool _priming;
    const std::uint32_t _retryMs;
    const std::shared_ptr<std::atomic<std::uint64_t>> _sent;
    std::atomic<bool> _leaving{false};

    mutable std::mutex _mutex; // guards all below
    ResponseSinkPtr _sink;
    std::shared_ptr<Peer> _peer; ///< of _sink
    bool _opened = false;        ///< it is an event stream by now: what is sent is kept
    bool _announced = false;     ///< _sink knows that it is one
    bool _finished = false;
};

} // namespace tenon::mcp

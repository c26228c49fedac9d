#pragma once

#include "base/limits/Quota.h"
#include "base/metrics/Metrics.h"
#include "base/text/TextMap.h"
#include "mcp/Services.h"
#include "mcp/sessions/HolderSessions.h"
#include "mcp/sessions/Session.h"

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// All sessions of legacy clients: made, found, counted, limited, swept.
///
/// Threading: any thread.
class Sessions
{
public:
    /// Told after a session has ended, once, without a lock.
    using Ended = std::function<void(const SessionPtr&)>;

    /// Ownership: borrows `others`, null if there are none.
    Sessions(Services& services, OtherInstances* others, Ended ended);
    ~Sessions();

    /// A holder that has as many as it may, or a server that is full, loses its longest idle session first, if there is
    /// one without a stream and without a running request.
    ///
    /// Errors: null if a limit of sessions is reached all the same, or after `close`.
    [[nodiscard]] SessionPtr open(const base::PrincipalPtr& principal, Transport transport,
                                  const ResponseSinkPtr& stream, const Allowance& allowance = {});

    /// A session that another instance made, or this one before it was started anew, as `setUp` fills it; the one there
    /// is, if another thread was quicker. Errors: as `open`.
    [[nodiscard]] SessionPtr adopt(const std::string& id, const base::PrincipalPtr& principal,
                                   const Allowance& allowance, const std::function<void(Session&)>& setUp);

    /// The session of that id, if it is this principal's; null otherwise: others learn nothing of it.
    [[nodiscard]] SessionPtr find(const base::PrincipalPtr& principal, std::string_view id) const;

    /// The session of that id, whoever's it is; for operators.
    [[nodiscard]] SessionPtr find(std::string_view id) const;

    void end(const SessionPtr& session, std::uint32_t retryMs = 0) { close(session, retryMs, false); }

    /// This instance lets go of a session that goes on elsewhere.
    void leave(const SessionPtr& session, std::uint32_t retryMs = 0) { close(session, retryMs, true); }

    /// One or the other, as the server stops.
    void endHere(const SessionPtr& session, std::uint32_t retryMs = 0) { close(session, retryMs, shared(*session)); }

    /// Who decides of sessions that are idle here and may not be elsewhere; without, they end. Before the first session.
    void onIdle(std::function<void(const SessionPtr&)> idle) { _idle = std::move(idle); }

    /// Opens no more sessions.
    void close() { _closed = true; }

    [[nodiscard]] std::vector<SessionPtr> all() const;
    [[nodiscard]] std::size_t count() const { return _count.load(std::memory_order_relaxed); }
    [[nodiscard]] bool full() const { return count() >= _services.options.maxSessions; }

private:
    struct Entry
    {
        SessionPtr session;
        base::Quota::HeldPtr held;                      ///< of its principal's allowance; null: no limit
        std::unique_ptr<HolderSessions::Listed> listed; ///< the same
    };
    struct Shard
    {
        mutable std::mutex mutex; // guards the map
        base::TextMap<Entry> sessions;
    };
    static constexpr std::size_t SHARDS = 16;

    [[nodiscard]] Shard& shardOf(std::string_view id) const;
    void sweep();
    [[nodiscard]] std::size_t mostOf(const Allowance& allowance) const;
    [[nodiscard]] std::vector<SessionPtr> some();
    [[nodiscard]] bool endIdleOf(std::vector<SessionPtr> candidates);
    void close(const SessionPtr& session, std::uint32_t retryMs, bool leaving);
    [[nodiscard]] bool shared(const Session& session) const; ///< other instances may have it too
    /// `setUp` is of one that is adopted.
    [[nodiscard]] SessionPtr make(const std::string& id, const base::PrincipalPtr& principal, Transport transport,
                                  const ResponseSinkPtr& stream, const Allowance& allowance,
                                  const std::function<void(Session&)>& setUp);

    Services& _services;
    OtherInstances* const _others;
    const Ended _ended;
    std::function<void(const SessionPtr&)> _idle;
    base::Histogram& _duration;
    std::atomic<std::size_t> _count{0};
    std::atomic<bool> _closed{false};
    /// Sessions by principal.
    struct Own
    {
        base::Quota held;
        HolderSessions sessions; ///< that count
    };
    // All instances together count what they opened; what others opened counts where it is at hand.
    Own _opened, _adopted;
    mutable std::array<Shard, SHARDS> _shards; ///< ends first: it is listed in those

    base::Timers::Id _sweeper;
};

} // namespace tenon::mcp

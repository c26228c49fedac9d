#include "mcp/sessions/Sessions.h"

#include "base/text/RandomId.h"
#include "base/threads/ThreadRoot.h"

#include <algorithm>

namespace tenon::mcp
{

namespace
{

/// Sessions that are looked at before one of them has to go.
constexpr std::size_t ENOUGH = 64;

constexpr std::int64_t SWEEP_MS = 10'000;

/// For a client that has said nothing since `initialize`: who means it says `notifications/initialized` at once, and a
/// session that nobody uses must not be kept for an hour.
constexpr std::int64_t UNUSED_MS = 30'000;

/// A place among all sessions, given back unless it is kept: whatever fails before the session is there.
class Place
{
public:
    explicit Place(std::atomic<std::size_t>& count) : _count(count), _before(count.fetch_add(1)) {}
    ~Place()
    {
        if (!_kept)
            --_count;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    [[nodiscard]] bool isBelow(std::size_t most) const { return _before < most; }
    void keep() { _kept = true; }

private:
    std::atomic<std::size_t>& _count;
    const std::size_t _before;
    bool _kept = false;
};

} // namespace

Sessions::Sessions(Services& services, OtherInstances* others, Ended ended)
    : _services(services), _others(others), _ended(std::move(ended)),
      _duration(services.metrics.histogram("session_duration_seconds", "Life of sessions of legacy clients", {},
                                           base::Histogram::LONG_BOUNDS_US))
{
    if (services.quotas)
        services.quotas->share("sessions", _opened.held);
    services.metrics.gaugeFrom("tenon_sessions_active", "Sessions of legacy clients that are open", {},
                               [this] { return static_cast<double>(count()); });
    const auto interval = std::clamp<std::int64_t>(services.options.sessionMs / 10, 100, SWEEP_MS);
    _sweeper = services.timers.every(std::chrono::milliseconds(interval), [this] { sweep(); });
}

Sessions::~Sessions()
{
    _services.timers.cancel(_sweeper);
    _services.metrics.remove("tenon_sessions_active", {});
    for (const auto& session : all())
        endHere(session);
}

bool Sessions::shared(const Session& session) const
{
    return _services.archive && session.transport == Transport::STREAMABLE_HTTP;
}

Sessions::Shard& Sessions::shardOf(std::string_view id) const
{
    return _shards[std::hash<std::string_view>{}(id) % SHARDS];
}

/// How many sessions a holder may have; 0: any number. Whoever is told apart from others has a share.
std::size_t Sessions::mostOf(const Allowance& allowance) const
{
    const auto& options = _services.options;
    const std::size_t most = options.maxSessionsPerPrincipal;
    if (allowance.holder.empty() || (most != 0 && !allowance.limits.sessions))
        return most;
    const std::size_t own = allowance.limits.most(allowance.limits.sessions, options.maxSessions);
    return own != 0 && (most == 0 || own < most) ? own : most;
}

/// Some sessions: all if there are few, else as many as `ENOUGH` from anywhere. Who opens one session after the other must
/// not have all of them looked at each time.
std::vector<SessionPtr> Sessions::some()
{
    std::vector<SessionPtr> some;
    static std::atomic<std::uint64_t> looks{0};
    const auto anywhere =
        static_cast<std::size_t>(looks.fetch_add(1, std::memory_order_relaxed) * 0x9E3779B97F4A7C15U >> 16);
    for (std::size_t shift = 0; shift < SHARDS && some.size() < ENOUGH; ++shift)
    {
        auto& shard = _shards[(anywhere + shift) % SHARDS];
        std::lock_guard lock(shard.mutex);
        const std::size_t buckets = shard.sessions.bucket_count();
        for (std::size_t bucket = 0; bucket < buckets && some.size() < ENOUGH; ++bucket)
        {
            const std::size_t at = (anywhere / SHARDS + bucket) % buckets;
            for (auto entry = shard.sessions.begin(at); entry != shard.sessions.end(at); ++entry)
                some.push_back(entry->second.session);
        }
    }
    return some;
}

/// Ends the longest idle session of these; false if there is none that can go.
bool Sessions::endIdleOf(std::vector<SessionPtr> candidates)
{
    SessionPtr longest;
    for (auto& session : candidates)
        if ((!longest || session->idleMs() > longest->idleMs()) && !session->busy())
            longest = std::move(session);
    if (!longest)
        return false;
    close(longest, 0, shared(*longest));
    return true;
}

SessionPtr Sessions::open(const base::PrincipalPtr& principal, Transport transport, const ResponseSinkPtr& stream,
                          const Allowance& allowance)
{
    return make(transport == Transport::STDIO ? base::randomId() : _services.instance.newId(), principal, transport,
                stream, allowance, nullptr);
}

SessionPtr Sessions::adopt(const std::string& id, const base::PrincipalPtr& principal, const Allowance& allowance,
                           const std::function<void(Session&)>& setUp)
{
    if (auto there = find(principal, id))
        return there;
    return make(id, principal, Transport::STREAMABLE_HTTP, nullptr, allowance, setUp);
}

SessionPtr Sessions::make(const std::string& id, const base::PrincipalPtr& principal, Transport transport,
                          const ResponseSinkPtr& stream, const Allowance& allowance,
                          const std::function<void(Session&)>& setUp)
{
    if (_closed)
        return nullptr;
    const std::string holder(allowance.holder.empty() ? std::string_view(principal->id) : allowance.holder);
    if (full() && !endIdleOf(some()))
        return nullptr;
    Place place(_count);
    if (!place.isBelow(_services.options.maxSessions))
        return nullptr;
    Entry entry;
    Own& own = setUp ? _adopted : _opened;
    if (const auto most = mostOf(allowance))
    {
        entry.held = own.held.take(holder, most);
        if (!entry.held && endIdleOf(own.sessions.next(holder, ENOUGH)))
            entry.held = own.held.take(holder, most);
        if (!entry.held)
            return nullptr;
    }
    const auto session =
        std::make_shared<Session>(id, principal, transport, stream,
                                  transport == Transport::STDIO ? store::InstanceId() : _services.instance, _others);
    if (setUp)
        setUp(*session);
    entry.session = session;
    if (entry.held)
        entry.listed = std::make_unique<HolderSessions::Listed>(own.sessions, holder, session);
    auto& shard = shardOf(session->id);
    std::lock_guard lock(shard.mutex);
    const auto [at, added] = shard.sessions.emplace(session->id, std::move(entry));
    if (added)
        place.keep();
    return at->second.session;
}

SessionPtr Sessions::find(std::string_view id) const
{
    auto& shard = shardOf(id);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.sessions.find(id);
    return found == shard.sessions.end() ? nullptr : found->second.session;
}

SessionPtr Sessions::find(const base::PrincipalPtr& principal, std::string_view id) const
{
    auto session = find(id);
    if (session && session->principal->id != principal->id)
        return nullptr;
    return session;
}

void Sessions::close(const SessionPtr& session, std::uint32_t retryMs, bool leaving)
{
    {
        auto& shard = shardOf(session->id);
        std::lock_guard lock(shard.mutex);
        if (shard.sessions.erase(session->id) == 0)
            return;
    }
    --_count;
    // Nobody finds it any more: what one step fails to do, for want of memory, must not keep the next from its part.
    base::threadRoot("the end of a session",
                     [&]
                     {
                         if (leaving)
                             session->leave(retryMs);
                         else
                             session->end(retryMs);
                     });
    _duration.observeUs(static_cast<std::uint64_t>(session->openedAt.elapsed()));
    base::threadRoot("what follows the end of a session", [&] { _ended(session); });
}

std::vector<SessionPtr> Sessions::all() const
{
    std::vector<SessionPtr> sessions;
    for (auto& shard : _shards)
    {
        std::lock_guard lock(shard.mutex);
        for (const auto& [id, entry] : shard.sessions)
            sessions.push_back(entry.session);
    }
    return sessions;
}

void Sessions::sweep()
{
    std::vector<SessionPtr> dead;
    for (auto& session : all())
    {
        const bool gone = session->connection && session->connection->closed();
        const auto patience =
            std::min(_services.options.sessionMs, session->isUsed() ? _services.options.sessionMs : UNUSED_MS);
        if (gone || (session->idleMs() > patience && !session->busy()))
            dead.push_back(std::move(session));
    }
    if (dead.empty())
        return;
    // Elsewhere: the end of a session tells plugins, which may take a while, and this is the clock's thread. One after the
    // other, as thousands at once would call up as many threads as there may be; should one hang, the next sweep finds
    // the rest.
    _services.executor.post(
        [this, dead = std::move(dead)]
        {
            for (const auto& session : dead)
                if (_idle && shared(*session))
                    _idle(session);
                else
                    end(session);
        });
}

} // namespace tenon::mcp

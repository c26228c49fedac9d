#include "mcp/cluster/SharedSessions.h"

#include "base/threads/SteadyClock.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace tenon::mcp
{

using store::Outcome;
using store::RecordKind;

namespace
{

/// How often the archive learns that a session is in use, at most.
constexpr std::int64_t TOUCH_MS = 30'000;

std::int64_t intervalOf(const Options& options)
{
    return std::clamp<std::int64_t>(options.sessionMs / 4, 100, TOUCH_MS);
}

} // namespace

SharedSessions::SharedSessions(Services& services, Sessions& sessions) : _services(services), _sessions(sessions)
{
    sessions.onIdle([this](const SessionPtr& session) { idle(session); });
    _toucher = services.timers.every(std::chrono::milliseconds(intervalOf(services.options)), [this] { touch(); });
}

SharedSessions::~SharedSessions()
{
    _services.timers.cancel(_toucher);
}

/// A session in use is written at least every interval, so it never ends early.
std::int64_t SharedSessions::ttlMs() const
{
    return _services.options.sessionMs + 2 * intervalOf(_services.options);
}

void SharedSessions::keep(const SessionPtr& session, std::function<void()> then)
{
    if (session->transport != Transport::STREAMABLE_HTTP)
        return then ? then() : void();
    store::Record record{
        RecordKind::SESSION, session->id, {}, 0, recordText(*session, _services.instance.tag()), ttlMs()};
    store::Archive::Kept kept;
    if (then)
        kept = [then = std::move(then)](Outcome) { then(); };
    _services.archive->put(std::move(record), std::move(kept));
}

void SharedSessions::fetch(const std::string& id, const base::PrincipalPtr& principal, const Allowance& allowance,
                           Fetched fetched)
{
    if (store::tagOf(id).empty() || isOver(id)) // none of this service, or none any more
        return fetched(Outcome::UNKNOWN, nullptr, {});
    const auto holder = std::make_shared<const std::string>(allowance.holder);
    auto found = [this, id, principal, allowance, holder, fetched = std::move(fetched)](Outcome outcome,
                                                                                        const store::Record& record)
    {
        SessionRecord session;
        if (outcome == Outcome::UNKNOWN && _services.archive->settling())
            outcome = Outcome::AWAY; // whoever has it may be about to write it again
        if (outcome == Outcome::FOUND)
            outcome = readRecord(record.text, session);
        if (outcome == Outcome::FOUND && session.principal != principal->id)
            outcome = Outcome::UNKNOWN;
        if (outcome != Outcome::FOUND)
            return fetched(outcome, nullptr, session);
        Allowance own = allowance;
        own.holder = *holder;
        const auto setUp = [&session](Session& made)
        {
            (void)made.initialize(session.version, session.client, session.clientName);
            made.logLevel = session.logLevel;
            for (const auto& uri : session.subscriptions)
                made.subscribedElsewhere(uri, true);
        };
        const auto adopted = _sessions.adopt(id, principal, own, setUp);
        if (adopted && isOver(id)) // meanwhile: who told of it found nothing to end
        {
            _services.executor.post([this, adopted] { _sessions.end(adopted); });
            return fetched(Outcome::UNKNOWN, nullptr, session);
        }
        fetched(adopted ? Outcome::FOUND : Outcome::AWAY, adopted, session);
    };
    _services.archive->get(RecordKind::SESSION, id, std::move(found));
}

void SharedSessions::look(const std::string& id, std::function<void(Outcome)> seen)
{
    if (isOver(id))
        return seen(Outcome::UNKNOWN);
    _services.archive->get(RecordKind::SESSION, id,
                           [this, seen = std::move(seen)](Outcome outcome, const store::Record&)
                           {
                               const bool unsure = outcome == Outcome::UNKNOWN && _services.archive->settling();
                               seen(unsure ? Outcome::AWAY : outcome);
                           });
}

void SharedSessions::over(const std::string& id)
{
    const auto now = base::steadyMs();
    std::lock_guard lock(_mutex);
    const bool full = _over.size() >= MOST_OWED;
    std::erase_if(_over,
                  [now, full](const auto& entry) { return entry.second.until <= now && (full || !entry.second.owed); });
    _over[id].until = now + store::Archive::REMOVED_MS;
}

void SharedSessions::owes(const std::string& id, bool is)
{
    std::lock_guard lock(_mutex);
    if (const auto found = _over.find(id); found != _over.end())
        found->second.owed = is;
}

bool SharedSessions::isOver(const std::string& id)
{
    std::lock_guard lock(_mutex);
    return _over.count(id) != 0;
}

void SharedSessions::forget(const std::string& id, std::function<void(Outcome)> then)
{
    over(id);
    owes(id, true);
    _services.archive->remove(RecordKind::SESSION, id,
                              [this, id, then = std::move(then)](Outcome outcome)
                              {
                                  if (outcome != Outcome::AWAY)
                                      owes(id, false);
                                  if (then)
                                      then(outcome);
                              });
}

void SharedSessions::keepAll()
{
    std::vector<std::string> owed;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [id, over] : _over)
            if (over.owed)
                owed.push_back(id);
    }
    for (const auto& id : owed)
        forget(id, nullptr);
    for (const auto& session : _sessions.all())
        if (session->initialized())
            keep(session);
}

void SharedSessions::touch()
{
    for (const auto& session : _sessions.all())
        if (session->transport == Transport::STREAMABLE_HTTP && session->initialized() &&
            (session->idleMs() <= intervalOf(_services.options) || session->busy()))
            _services.archive->touch(RecordKind::SESSION, session->id, ttlMs());
}

/// A session that is idle here may be busy elsewhere: it ends when nobody has touched its record.
void SharedSessions::idle(const SessionPtr& session)
{
    _services.archive->get(RecordKind::SESSION, session->id,
                           [this, session](Outcome outcome, const store::Record&)
                           {
                               if (outcome == Outcome::FOUND)
                                   return session->touch();
                               if (outcome == Outcome::UNKNOWN && !_services.archive->settling())
                                   _services.executor.post([this, session] { _sessions.end(session); });
                           });
}

} // namespace tenon::mcp

#pragma once

#include "base/threads/Timers.h"
#include "mcp/Services.h"
#include "mcp/cluster/Records.h"
#include "mcp/sessions/Sessions.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::mcp
{

/// Sessions as the archive has them: written when they change, fetched when a client comes with one that is not here.
///
/// Threading: any thread. Nothing blocks; callbacks run on a thread of the archive, or on the caller's.
/// Ownership: borrows all; outlives the archive's last callback.
class SharedSessions
{
public:
    /// What came of a look-up; the session is there if it was found and is the asker's.
    using Fetched = std::function<void(store::Outcome, const SessionPtr&, const SessionRecord&)>;

    SharedSessions(Services& services, Sessions& sessions);
    ~SharedSessions();

    /// Writes down what was agreed; `then` runs once it is kept, or cannot be.
    void keep(const SessionPtr& session, std::function<void()> then = nullptr);

    /// Fetches a session of `principal` that is not here. UNKNOWN: there is none, or it is somebody else's; AWAY: it
    /// cannot be said, or there is no room for it.
    void fetch(const std::string& id, const base::PrincipalPtr& principal, const Allowance& allowance, Fetched fetched);

    /// Whether there is a record of the session, as `fetch`, but whoever's it is.
    void look(const std::string& id, std::function<void(store::Outcome)> seen);

    /// The session of that id has ended somewhere: it does not come back here, even if it is being fetched.
    void over(const std::string& id);

    /// Takes its record away, for all; `then` learns whether that is done, or cannot be said: it is tried again then, once
    /// the archive is there.
    void forget(const std::string& id, std::function<void(store::Outcome)> then);

    /// Writes all of this instance's again, and takes away what could not be: the archive was away.
    void keepAll();

private:
    [[nodiscard]] bool isOver(const std::string& id);
    void owes(const std::string& id, bool is);
    void touch();
    void idle(const SessionPtr& session);
    [[nodiscard]] std::int64_t ttlMs() const;

    Services& _services;
    Sessions& _sessions;
    base::Timers::Id _toucher;

    std::mutex _mutex; // guards all below
    struct Over
    {
        std::int64_t until = 0; ///< base::steadyMs
        bool owed = false;      ///< its record is still to be taken away
    };
    static constexpr std::size_t MOST_OWED = 10'000;
    std::map<std::string, Over> _over; ///< by id
};

} // namespace tenon::mcp

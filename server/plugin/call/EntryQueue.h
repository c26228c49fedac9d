#pragma once

#include "base/text/TextMap.h"
#include "plugin/call/PluginLimit.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// Lets entries into a plugin as they were declared: parallel, one at a time, one per session, and not more than a limit.
/// An entry that must wait holds no thread: its work is kept and run when its turn comes, in the order of arrival
/// (SESSION: of each session; sessions, and queues that wait for the plugin's limit, take turns).
///
/// A tool has one, and so have a plugin's other kinds of entries together.
///
/// Threading: any thread.
class EntryQueue final : public std::enable_shared_from_this<EntryQueue>, private EntryWaiter
{
public:
    enum class Concurrency
    {
        PARALLEL,
        SERIAL,
        SESSION
    };
    enum class Entry
    {
        NOW,    ///< the caller runs the call on its own thread, then calls `leave`
        LATER,  ///< `resume` will be called when it is its turn, then `leave` is due
        REFUSED ///< the queue is full
    };
    using Resume = std::function<void()>;

    /// Who waits, for `withdraw`; 0: nobody.
    using Ticket = std::uint64_t;

    /// Shape: `maxConcurrent` and `maxQueued` count entries; 0 for `maxConcurrent` is the plugin's limit alone.
    EntryQueue(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
               std::shared_ptr<PluginLimit> plugin);

    /// Whether the caller may run the call on its own thread at once, then `leave` is due: most calls, as long as nobody
    /// waits. If not, `enter` may say so yet.
    [[nodiscard]] bool tryEnter() noexcept { return unlimited() && _plugin->tryEnter(); }

    /// `session` names who the entry is for where the concurrency is SESSION, else it is ignored. `resume` is called at
    /// most once, on the thread that makes room (this one, before the return, if that was just made): it must hand the
    /// work on, not run it. It is made only if the entry waits; `ticket` is set before it can be called.
    [[nodiscard]] Entry enter(std::string_view session, const std::function<Resume()>& makeResume,
                              Ticket* ticket = nullptr);

    /// Forgets an entry that waits, with all that its `resume` keeps. False if its turn has come already.
    bool withdraw(std::string_view session, Ticket ticket);

    /// The call goes on without a thread (TENON_ASYNC): from here on it counts for the tool, not for the plugin's limit,
    /// and `leave` is due with `parked`.
    void park();

    /// An entry that was let in has ended.
    void leave(std::string_view session, bool parked = false) noexcept
    {
        if (!unlimited() || !(parked || _plugin->tryLeave()))
            leaveAmongOthers(session, parked);
    }

    /// Entries that are inside, where this queue has limits of its own; the plugin's limit counts the others.
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::size_t queued() const;

    [[nodiscard]] bool sameAs(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                              const std::shared_ptr<PluginLimit>& plugin) const;

private:
    /// The entries that exclude each other: all, or those of a session.
    struct Lane
    {
        std::size_t running = 0;
        std::map<Ticket, Resume> queue;
        const std::string* session = nullptr; ///< the key in `_sessions`; null: `_common`
        Lane* next = nullptr;                 ///< among those that are ready
        bool listed = false;                  ///< is ready
    };

    void leaveAmongOthers(std::string_view session, bool parked) noexcept;
    bool takeNext(Due& due) noexcept override;
    [[nodiscard]] bool hasNext() const noexcept override { return _firstReady != nullptr && !toolFull(); }

    [[nodiscard]] bool unlimited() const { return _concurrency == Concurrency::PARALLEL && _maxConcurrent == 0; }
    [[nodiscard]] bool toolFull() const { return _maxConcurrent != 0 && _running >= _maxConcurrent; }
    [[nodiscard]] bool laneFull(const Lane& lane) const
    {
        return _concurrency != Concurrency::PARALLEL && lane.running > 0;
    }
    [[nodiscard]] Lane* findLane(std::string_view session) noexcept;
    [[nodiscard]] Lane& laneOf(std::string_view session);
    void forgetIfIdle(const Lane& lane) noexcept;
    void list(Lane& lane) noexcept;
    void offer() noexcept;

    const Concurrency _concurrency;
    const std::size_t _maxConcurrent;
    const std::size_t _maxQueued;
    const std::shared_ptr<PluginLimit> _plugin;

    // Guarded by the plugin's mutex.
    std::size_t _running = 0;
    std::size_t _queued = 0;
    Ticket _lastTicket = 0;
    bool _offered = false; ///< waits for the plugin's limit
    Lane _common;          ///< of PARALLEL and SERIAL
    base::TextMap<Lane> _sessions;
    // Lanes whose first waiting entry could run but for the tool's or the plugin's limit.
    Lane* _firstReady = nullptr;
    Lane* _lastReady = nullptr;
};

} // namespace tenon::plugin

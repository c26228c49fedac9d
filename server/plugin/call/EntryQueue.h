#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon::plugin
{

class EntryQueue;

/// How many calls of one plugin may hold a thread at once; shared by its tools.
///
/// Threading: any thread.
class PluginLimit
{
public:
    /// Shape: 0 is no limit.
    explicit PluginLimit(std::size_t limit) : maxConcurrent(limit) {}
    const std::size_t maxConcurrent;

    /// Calls that hold a thread now.
    [[nodiscard]] std::size_t running() const;

    /// A call holds its thread for good: another one may run in its place. `letIn` is due, without any lock.
    void writeOff();
    void letIn();

    /// Such a call has given its thread back after all.
    void takeBack();

    /// Whether calls are written off now.
    [[nodiscard]] bool lacks() const;

private:
    friend class EntryQueue;
    [[nodiscard]] bool full() const { return maxConcurrent != 0 && _running >= maxConcurrent + _lost; }

    mutable std::mutex _mutex; // guards all below, and the changing members of each EntryQueue of the plugin
    std::size_t _running = 0;
    std::size_t _lost = 0;                            ///< of them, written off
    std::deque<std::shared_ptr<EntryQueue>> _waiting; ///< tools with calls that could run but for the plugin's limit
};

/// Lets the calls of one tool in as its declared concurrency allows: parallel, one at a time, one per session, and not
/// more than a limit. A call that must wait holds no thread: its work is kept and run when its turn comes, in the order
/// of arrival (SESSION: of each session; sessions, and tools that wait for the plugin's limit, take turns).
///
/// Threading: any thread.
class EntryQueue : public std::enable_shared_from_this<EntryQueue>
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

    /// Shape: `maxConcurrent` and `maxQueued` count calls; 0 for `maxConcurrent` is the plugin's limit alone.
    EntryQueue(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
               std::shared_ptr<PluginLimit> plugin);

    /// `session` names who the call is for where the concurrency is SESSION, else it is ignored. `resume` is called at
    /// most once, on the thread that leaves: it must hand the work on, not run it. It is made only if the call waits.
    [[nodiscard]] Entry enter(std::string_view session, const std::function<Resume()>& makeResume);

    /// The call goes on without a thread (TENON_ASYNC): from here on it counts for the tool, not for the plugin's limit,
    /// and `leave` is due with `parked`.
    void park();

    /// A call that was let in has ended.
    void leave(std::string_view session, bool parked = false);

    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::size_t queued() const;

    [[nodiscard]] bool sameAs(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                              const std::shared_ptr<PluginLimit>& plugin) const;

private:
    friend class PluginLimit;

    /// The calls that exclude each other: all of the tool, or those of a session.
    struct Lane
    {
        std::size_t running = 0;
        std::deque<Resume> queue;
        bool listed = false; ///< is in `_ready`
    };

    [[nodiscard]] Lane& laneOf(std::string_view session);
    [[nodiscard]] bool toolFull() const { return _maxConcurrent != 0 && _running >= _maxConcurrent; }
    [[nodiscard]] bool laneFull(const Lane& lane) const
    {
        return _concurrency != Concurrency::PARALLEL && lane.running > 0;
    }
    void list(const std::string& session, Lane& lane);
    bool takeNext(std::vector<Resume>& due);
    void offer();
    static void collect(PluginLimit& plugin, std::vector<Resume>& due);

    const Concurrency _concurrency;
    const std::size_t _maxConcurrent;
    const std::size_t _maxQueued;
    const std::shared_ptr<PluginLimit> _plugin;

    // Guarded by _plugin->_mutex.
    std::size_t _running = 0;
    std::size_t _queued = 0;
    bool _offered = false; ///< is in `_plugin->_waiting`
    Lane _common;          ///< of PARALLEL and SERIAL
    std::unordered_map<std::string, Lane> _sessions;
    std::deque<std::string> _ready; ///< lanes whose first waiting call could run but for the tool's or plugin's limit
};

} // namespace tenon::plugin

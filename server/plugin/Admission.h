#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::plugin
{

/// How many calls of one plugin may run at once; shared by its tools.
///
/// Threading: any thread.
class PluginLimit
{
public:
    explicit PluginLimit(std::size_t maxConcurrent) : maxConcurrent(maxConcurrent) {}
    const std::size_t maxConcurrent;

private:
    friend class Admission;
    std::mutex _mutex;                              // guards all below, and what each Admission of the plugin waits for
    std::size_t _running = 0;
    std::deque<std::weak_ptr<class Admission>> _waiting; // admissions with calls that wait for the plugin's limit
};

/// Lets the calls of one tool in as its declared concurrency allows: parallel, one at a time, one per session, and not
/// more than a limit. A call that must wait holds no thread: its work is kept and run when its turn comes.
///
/// Threading: any thread.
class Admission : public std::enable_shared_from_this<Admission>
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
    Admission(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
              std::shared_ptr<PluginLimit> plugin);

    /// `session` names who the call is for where the concurrency is SESSION, else it is ignored. `resume` is called at
    /// most once, on the thread that leaves: it must hand the work on, not run it. It is made only if the call waits.
    [[nodiscard]] Entry enter(std::string_view session, const std::function<Resume()>& makeResume);

    /// A call that was let in has ended.
    void leave(std::string_view session);

    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::size_t queued() const;

private:
    struct Waiting
    {
        std::string session;
        Resume resume;
    };
    [[nodiscard]] bool fits(std::string_view session) const;
    void admit(std::string_view session);
    void collect(std::deque<Resume>& ready);

    const Concurrency _concurrency;
    const std::size_t _maxConcurrent;
    const std::size_t _maxQueued;
    const std::shared_ptr<PluginLimit> _plugin;

    // Guarded by _plugin->_mutex.
    std::size_t _running = 0;
    std::unordered_map<std::string, std::size_t> _sessions;
    std::deque<Waiting> _queue;
};

} // namespace tenon::plugin

#pragma once

#include "base/threads/Executor.h"
#include "base/threads/Once.h"
#include "base/threads/Timers.h"
#include "plugin/call/CallWatch.h"
#include "plugin/call/ManagedInstance.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

namespace tenon::plugin
{

/// The threads that work for all plugins together, and the way from instances to their owner, which they may outlive.
///
/// Threading: any thread.
class PluginThreads : public std::enable_shared_from_this<PluginThreads>
{
public:
    /// Ownership: borrows `owner` until `disown` returns.
    explicit PluginThreads(InstanceOwner& owner) : _owner(&owner) {}

    /// Runs what the owner has to do about its plugins, one thing after the other.
    void post(base::Executor::Work work) { _management.post(std::move(work)); }

    /// Runs an entry into a plugin that had to wait, or that nobody lent a thread.
    void postCall(base::Executor::Work work) { _calls->post(std::move(work)); }

    /// Of the threads inside plugins in this process.
    [[nodiscard]] CallWatch& watch() noexcept { return _watch; }

    /// For what is due later; made when it is first asked for.
    [[nodiscard]] base::Timers& timers();

    /// Shares an instance so that it ends on a thread of its own, whoever lets go of it last: one that takes long holds
    /// up nobody. An instance with an heir goes to its heir.
    template <typename T>
    [[nodiscard]] std::shared_ptr<T> adopt(std::unique_ptr<T> instance)
    {
        {
            std::lock_guard lock(_mutex);
            ++_alive;
        }
        return {instance.release(), [self = shared_from_this()](T* ended) { self->end(ended); }};
    }

    /// Tells the owner, if there still is one.
    template <typename News>
    void tell(News news)
    {
        std::shared_lock lock(_ownerMutex);
        if (_owner)
            news(*_owner);
    }

    /// No news from here on.
    void disown();

    /// Waits until the instances have ended; false if some have not after `timeout`: calls hold them, or they hang.
    bool waitUntilGone(std::chrono::milliseconds timeout);

    /// Ends the threads; those for calls not if an instance is still there, whose code may hold one.
    void stop();

private:
    void end(ManagedInstance* ended);
    void gone();

    CallWatch _watch;
    base::Once _timersMade;
    std::optional<base::Timers> _timers; ///< after `_watch`, which they look at
    base::Executor _management{1};
    // Never destroyed if a plugin holds a thread of its: that thread could not be joined.
    std::unique_ptr<base::Executor> _calls = std::make_unique<base::Executor>(16);

    std::shared_mutex _ownerMutex; // guards:
    InstanceOwner* _owner;

    std::mutex _mutex; // guards:
    std::condition_variable _ended;
    std::size_t _alive = 0;
};

} // namespace tenon::plugin

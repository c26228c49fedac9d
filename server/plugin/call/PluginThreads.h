#pragma once

#include "base/Executor.h"
#include "plugin/call/CallWatch.h"
#include "plugin/call/ManagedInstance.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace tenon::plugin
{

/// The one thread on which plugins are made, asked for their lists and ended while the server runs, and the way from
/// instances to their owner, which they may outlive.
///
/// Threading: any thread.
class PluginThreads : public std::enable_shared_from_this<PluginThreads>
{
public:
    /// Ownership: borrows `owner` until `disown` returns.
    explicit PluginThreads(InstanceOwner& owner) : _owner(&owner) {}

    void post(base::Executor::Work work) { _executor.post(std::move(work)); }

    /// Runs a call of a client that had to wait for its plugin.
    void postCall(base::Executor::Work work) { _calls.post(std::move(work)); }

    /// Of the threads inside plugins in this process.
    [[nodiscard]] CallWatch& watch() noexcept { return _watch; }

    /// Shares an instance so that it ends on this thread, whoever lets go of it last.
    template <typename T>
    [[nodiscard]] std::shared_ptr<T> adopt(std::unique_ptr<T> instance)
    {
        {
            std::lock_guard lock(_mutex);
            ++_alive;
        }
        return {instance.release(), [self = shared_from_this()](T* ended)
                {
                    self->post(
                        [self, ended]
                        {
                            delete ended;
                            self->gone();
                        });
                }};
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

    /// Waits until the instances have ended; false if some have not after `timeout`: calls hold them.
    bool waitUntilGone(std::chrono::milliseconds timeout);

    /// Ends the thread. What ends later is never destroyed: its code may still run.
    void stop();

private:
    void gone();

    CallWatch _watch;
    base::Executor _executor{1};
    base::Executor _calls{16};

    std::shared_mutex _ownerMutex; // guards:
    InstanceOwner* _owner;

    std::mutex _mutex; // guards:
    std::condition_variable _ended;
    std::size_t _alive = 0;
};

} // namespace tenon::plugin

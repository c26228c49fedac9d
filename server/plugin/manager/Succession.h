#pragma once

#include "plugin/call/ManagedInstance.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace tenon::plugin
{

/// Waits for a plugin that is being replaced until nobody uses it any more: no call is inside then, and none can come.
///
/// Threading: any thread.
class Succession : public std::enable_shared_from_this<Succession>
{
public:
    /// `before` comes here when its last user lets go of it. The caller must be the last to hold it that is no user.
    void follow(std::shared_ptr<ManagedInstance> before)
    {
        before->bequeath([self = shared_from_this()](std::unique_ptr<ManagedInstance> left)
                         { self->arrive(std::move(left)); });
    }

    /// Gives it; null if users still hold it after `timeout`. It ends then when they let go.
    [[nodiscard]] std::unique_ptr<ManagedInstance> await(std::chrono::milliseconds timeout)
    {
        std::unique_lock lock(_mutex);
        _arrived.wait_for(lock, timeout, [this] { return _left != nullptr; });
        _awaited = false;
        return std::move(_left);
    }

private:
    void arrive(std::unique_ptr<ManagedInstance> left)
    {
        std::lock_guard lock(_mutex);
        if (!_awaited)
            return;
        _left = std::move(left);
        _arrived.notify_all();
    }

    std::mutex _mutex; // guards all below
    std::condition_variable _arrived;
    bool _awaited = true;
    std::unique_ptr<ManagedInstance> _left;
};

} // namespace tenon::plugin

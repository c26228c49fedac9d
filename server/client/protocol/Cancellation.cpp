#include "client/protocol/Reply.h"

namespace tenon::client
{

void Cancellation::cancel()
{
    std::function<void()> action;
    {
        const std::lock_guard lock(_mutex);
        _cancelled = true;
        action.swap(_action);
    }
    if (action)
        action();
}

bool Cancellation::cancelled() const
{
    const std::lock_guard lock(_mutex);
    return _cancelled;
}

void Cancellation::onCancel(std::function<void()> action)
{
    {
        const std::lock_guard lock(_mutex);
        if (!_cancelled)
        {
            _action = std::move(action);
            return;
        }
    }
    if (action)
        action();
}

} // namespace tenon::client

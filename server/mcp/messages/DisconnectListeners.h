#pragma once

#include "base/threads/ThreadRoot.h"
#include "mcp/messages/ResponseSink.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tenon::mcp
{

/// Who is to be told that the peer of a sink has gone: each once, also who asks afterwards.
///
/// Errors:    one that fails to hear of it, for want of memory, keeps the news from nobody else.
/// Threading: any thread. Listeners are told without a lock.
class DisconnectListeners
{
public:
    void add(std::weak_ptr<DisconnectListener> listener)
    {
        {
            const std::lock_guard lock(_mutex);
            if (!_gone)
            {
                std::erase_if(_listeners, [](const auto& entry) { return entry.expired(); });
                _listeners.push_back(std::move(listener));
                return;
            }
        }
        if (const auto told = listener.lock())
            told->disconnected();
    }

    /// The peer has gone.
    void tell() noexcept
    {
        std::vector<std::weak_ptr<DisconnectListener>> listeners;
        {
            const std::lock_guard lock(_mutex);
            _gone = true;
            listeners.swap(_listeners);
        }
        for (const auto& listener : listeners)
            if (const auto told = listener.lock())
                base::threadRoot("what follows the end of a peer", [&] { told->disconnected(); });
    }

private:
    std::mutex _mutex; // guards all below
    bool _gone = false;
    std::vector<std::weak_ptr<DisconnectListener>> _listeners;
};

} // namespace tenon::mcp

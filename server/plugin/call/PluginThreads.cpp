#include "plugin/call/PluginThreads.h"

namespace tenon::plugin
{

void PluginThreads::disown()
{
    std::unique_lock lock(_ownerMutex);
    _owner = nullptr;
}

bool PluginThreads::waitUntilGone(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(_mutex);
    return _ended.wait_for(lock, timeout, [this] { return _alive == 0; });
}

void PluginThreads::stop()
{
    _calls.stop();
    _executor.stop();
}

void PluginThreads::gone()
{
    std::lock_guard lock(_mutex);
    --_alive;
    _ended.notify_all();
}

} // namespace tenon::plugin

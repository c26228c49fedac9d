#include "plugin/call/PluginThreads.h"

#include "base/threads/DetachedThread.h"
#include "base/threads/ThreadRoot.h"

#include <system_error>

namespace tenon::plugin
{

base::Timers& PluginThreads::timers()
{
    _timersMade([this] { _timers.emplace(); });
    return *_timers;
}

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
    // Nothing there waits for a plugin without a time limit, and it may be about the owner, who goes next.
    _management.stop();
    if (!waitUntilGone(std::chrono::milliseconds(0)))
    {
        (void)_calls.release();
        return;
    }
    _calls->stop();
    if (_timers)
        _timers->stop();
}

void PluginThreads::end(ManagedInstance* ended)
{
    if (auto heir = ended->takeHeir())
    {
        heir(std::unique_ptr<ManagedInstance>(ended));
        gone();
        return;
    }
    const auto work = [self = shared_from_this(), ended]
    {
        delete ended;
        self->gone();
    };
    try
    {
        base::startDetached([work] { base::threadRoot("the end of a plugin", work); });
    }
    catch (const std::system_error&)
    {
        post(work);
    }
}

void PluginThreads::gone()
{
    std::lock_guard lock(_mutex);
    --_alive;
    _ended.notify_all();
}

} // namespace tenon::plugin

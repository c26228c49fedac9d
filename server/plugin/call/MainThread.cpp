#include "plugin/call/MainThread.h"

#include "base/threads/DetachedThread.h"
#include "base/threads/ThreadRoot.h"
#include "plugin/call/PluginLog.h"

#include <system_error>

namespace tenon::plugin
{

void MainThread::begin(const char* step, std::function<void()> work)
{
    if (hung())
        throw LoadException("it has not returned from an earlier step, so its " + std::string(step) + " is skipped");
    try
    {
        // Nobody joins it: it may never come back.
        base::startDetached([work = std::move(work)] { base::threadRoot("a step of a plugin", work); });
    }
    catch (const std::system_error& exc)
    {
        throw LoadException("no thread could be started for its " + std::string(step) + ": " + exc.what());
    }
}

void MainThread::giveUp(const char* step)
{
    _hung.store(true, std::memory_order_release);
    const std::string what =
        "its " + std::string(step) + " did not return within " + std::to_string(_patience.count()) + " ms";
    logOfPlugin(_plugin, TENON_LOG_ERROR, what + "; its thread is left to it");
    throw LoadException(what);
}

} // namespace tenon::plugin

#include "ops/live/LogTap.h"

namespace tenon::ops
{

namespace
{

/// Who takes a message may log too; that is not shown again.
thread_local bool inside = false;

} // namespace

void LogTap::show(LiveFeed* feed)
{
    const std::lock_guard lock(_mutex);
    _feed = feed;
    _shows = feed != nullptr;
}

void LogTap::log(const Poco::Message& message)
{
    _next->log(message);
    if (!_shows.load(std::memory_order_relaxed) || inside)
        return;
    const std::lock_guard lock(_mutex);
    inside = true;
    try
    {
        if (_feed)
            _feed->logged(message);
    }
    catch (const std::exception&)
    {
        // It is in the log itself.
    }
    inside = false;
}

} // namespace tenon::ops

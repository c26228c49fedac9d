#include "base/threads/LostThreads.h"

namespace tenon::base
{

LostThreads& LostThreads::instance()
{
    // Never destroyed: threads that are written off may come back while the process ends.
    static LostThreads& threads = *new LostThreads;
    return threads;
}

void LostThreads::setLimit(std::size_t limit)
{
    const std::lock_guard lock(_mutex);
    _limit = limit;
}

bool LostThreads::writeOff(std::thread::id thread)
{
    const std::lock_guard lock(_mutex);
    if (_threads.size() >= _limit && !_threads.contains(thread))
        return false;
    _threads.insert(thread);
    _count.store(_threads.size(), std::memory_order_relaxed);
    return true;
}

void LostThreads::takeBack(std::thread::id thread)
{
    const std::lock_guard lock(_mutex);
    _threads.erase(thread);
    _count.store(_threads.size(), std::memory_order_relaxed);
}

bool LostThreads::contains(std::thread::id thread) const
{
    if (count() == 0)
        return false;
    const std::lock_guard lock(_mutex);
    return _threads.contains(thread);
}

} // namespace tenon::base

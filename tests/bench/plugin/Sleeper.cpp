#include "Sleeper.h"

#include <utility>
#include <vector>

Sleeper::~Sleeper()
{
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _changed.notify_one();
    _thread.join();
}

void Sleeper::add(tenon::AsyncCall call, std::chrono::milliseconds delay)
{
    {
        const std::lock_guard lock(_mutex);
        _calls.emplace(Clock::now() + delay, std::move(call));
    }
    _changed.notify_one();
}

void Sleeper::run()
{
    std::unique_lock lock(_mutex);
    while (!_stopping)
    {
        if (_calls.empty())
        {
            _changed.wait(lock);
            continue;
        }
        const auto next = _calls.begin()->first;
        if (Clock::now() < next)
        {
            _changed.wait_until(lock, next);
            continue;
        }
        std::vector<tenon::AsyncCall> due;
        for (const auto end = _calls.upper_bound(Clock::now()); _calls.begin() != end; _calls.erase(_calls.begin()))
            due.push_back(std::move(_calls.begin()->second));
        lock.unlock();
        for (tenon::AsyncCall& call : due)
            call.finish("slept");
        lock.lock();
    }
    // What still sleeps fails its call when it is destroyed.
}

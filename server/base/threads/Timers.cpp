#include "base/threads/Timers.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <utility>

namespace tenon::base
{

Timers::Timers() : _thread(&Timers::run, this) {}

Timers::~Timers()
{
    stop();
}

Timers::Id Timers::after(std::chrono::milliseconds delay, Work work)
{
    return add(delay, std::chrono::milliseconds(0), std::move(work));
}

Timers::Id Timers::every(std::chrono::milliseconds interval, Work work)
{
    return add(interval, interval, std::move(work));
}

Timers::Id Timers::add(std::chrono::milliseconds delay, std::chrono::milliseconds interval, Work work)
{
    std::lock_guard lock(_mutex);
    const Id id = _next++;
    if (_stopping)
        return id;
    const Time due = std::chrono::steady_clock::now() + delay;
    _entries.emplace(id, Entry{std::move(work), interval, due});
    const bool first = _due.empty() || due < _due.begin()->first.first;
    _due.emplace(std::pair(due, id), id);
    if (first)
        _wake.notify_one();
    return id;
}

void Timers::cancel(Id id)
{
    Work dropped; // destroyed without the lock: captures may use this object
    std::unique_lock lock(_mutex);
    const auto entry = _entries.find(id);
    if (entry != _entries.end())
    {
        _due.erase({entry->second.due, id});
        dropped = std::move(entry->second.work);
        _entries.erase(entry);
    }
    if (std::this_thread::get_id() != _runner)
        _done.wait(lock, [&] { return _running != id; });
}

void Timers::stop()
{
    {
        std::lock_guard lock(_mutex);
        if (_stopping)
            return;
        _stopping = true;
        _wake.notify_one();
    }
    _thread.join();
}

void Timers::run()
{
    std::unique_lock lock(_mutex);
    _runner = std::this_thread::get_id();
    while (!_stopping)
    {
        if (_due.empty())
        {
            _wake.wait(lock);
            continue;
        }
        const auto [due, id] = _due.begin()->first;
        if (std::chrono::steady_clock::now() < due)
        {
            _wake.wait_until(lock, due);
            continue;
        }
        _due.erase(_due.begin());
        Work work;
        const auto entry = _entries.find(id);
        if (entry->second.interval.count() > 0)
        {
            work = entry->second.work;
            entry->second.due = std::chrono::steady_clock::now() + entry->second.interval;
            _due.emplace(std::pair(entry->second.due, id), id);
        }
        else
        {
            work = std::move(entry->second.work);
            _entries.erase(entry);
        }
        _running = id;
        lock.unlock();
        try
        {
            work();
        }
        catch (const std::exception& exc)
        {
            Poco::Logger::get("tenon.base").error(std::string("a timer's work failed: ") + exc.what());
        }
        catch (...)
        {
            Poco::Logger::get("tenon.base").error("a timer's work failed with an exception of an unknown type");
        }
        work = nullptr;
        lock.lock();
        _running = 0;
        _done.notify_all();
    }
}

} // namespace tenon::base

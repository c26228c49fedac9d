#include "base/threads/Timers.h"

#include "base/threads/ThreadRoot.h"

#include <exception>
#include <utility>

namespace tenon::base
{

namespace
{

/// How long the thread is kept when nothing is due any more.
constexpr auto KEEP_IDLE = std::chrono::seconds(2);

} // namespace

Timers::Timers() = default;

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
    Work dropped; // destroyed without the lock: captures may use this object
    std::lock_guard lock(_mutex);
    const Id id = _next++;
    if (_stopping)
        return id;
    const Time due = std::chrono::steady_clock::now() + delay;
    const bool first = _due.empty() || due < _due.begin()->first.first;
    const auto place = _due.emplace(std::pair(due, id), id).first;
    try
    {
        _entries.emplace(id, Entry{std::move(work), interval, due});
        if (_runner == std::thread::id())
        {
            if (_thread.joinable())
                _thread.join(); // it has ended but for its return
            _thread = std::thread(&Timers::run, this);
            _runner = _thread.get_id();
        }
    }
    catch (const std::exception&) // no memory, or no thread
    {
        if (const auto entry = _entries.find(id); entry != _entries.end())
        {
            dropped = std::move(entry->second.work);
            _entries.erase(entry);
        }
        _due.erase(place);
        throw;
    }
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
        if (_due.empty())
            _wake.notify_one(); // else the thread would be kept until this was due
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
    if (_thread.joinable())
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
            if (!_wake.wait_for(lock, KEEP_IDLE, [this] { return _stopping || !_due.empty(); }))
                break;
            continue;
        }
        const auto [due, id] = _due.begin()->first;
        if (std::chrono::steady_clock::now() < due)
        {
            _wake.wait_until(lock, due);
            continue;
        }
        // Nothing here takes memory: a clock that stops is the end of every deadline.
        auto place = _due.extract(_due.begin());
        const auto entry = _entries.find(id);
        Work work = std::move(entry->second.work);
        const bool again = entry->second.interval.count() > 0;
        if (again)
        {
            entry->second.due = std::chrono::steady_clock::now() + entry->second.interval;
            place.key() = {entry->second.due, id};
            _due.insert(std::move(place));
        }
        else
            _entries.erase(entry);
        _running = id;
        lock.unlock();
        threadRoot("a timer's work", work);
        lock.lock();
        if (const auto kept = again ? _entries.find(id) : _entries.end(); kept != _entries.end())
            kept->second.work = std::move(work);
        else // once, or cancelled meanwhile
        {
            lock.unlock();
            work = nullptr; // its captures may use this object
            lock.lock();
        }
        _running = 0;
        _done.notify_all();
    }
    _runner = {};
}

} // namespace tenon::base

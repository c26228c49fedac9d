#include "Runner.h"

#include "System.h"

#include <chrono>
#include <utility>

namespace tenon::attach
{

namespace
{

constexpr std::chrono::seconds IDLE_TIME(10);

} // namespace

bool Runner::start(WorkSource& source)
{
    const std::lock_guard lock(_mutex);
    _source = &source;
    ++_threads;
    if (startThread([this] { work(); }))
        return true;
    --_threads;
    _source = nullptr;
    return false;
}

void Runner::waitForEnd()
{
    std::unique_lock lock(_mutex);
    _ended.wait(lock, [this] { return !_source; });
}

void Runner::add(Work work)
{
    const std::lock_guard lock(_mutex);
    _queue.push_back(std::move(work));
}

void Runner::post(Work work)
{
    std::unique_lock lock(_mutex);
    _queue.push_back(std::move(work));
    cover(lock);
}

/// Gets another thread to read, or to run what waits, if nobody does.
void Runner::cover(std::unique_lock<std::mutex>& lock)
{
    const bool isNeeded = (_source && !_reading) || (!_queue.empty() && _running < _maxRunning);
    if (!isNeeded)
        return;
    if (_idle > 0)
    {
        _changed.notify_one();
        return;
    }
    if (_threads > _maxRunning) // one more than run: who reads
        return;
    ++_threads;
    lock.unlock();
    const bool started = startThread([this] { this->work(); });
    lock.lock();
    if (!started) // those that there are come to it, or, without any, whoever posts next
        --_threads;
}

void Runner::postToMain(Work work)
{
    const std::lock_guard lock(_mutex);
    _main.push_back(std::move(work));
    _mainWaits.raise();
}

int Runner::poll(int timeoutMs)
{
    if (timeoutMs != 0)
        _mainWaits.wait(timeoutMs);
    std::unique_lock lock(_mutex);
    int count = 0;
    // Not what comes meanwhile: the program's loop must turn.
    for (std::size_t left = _main.size(); left > 0 && !_main.empty(); --left)
    {
        const Work work = std::move(_main.front());
        _main.pop_front();
        if (_main.empty())
            _mainWaits.lower();
        lock.unlock();
        work();
        ++count;
        lock.lock();
    }
    return count;
}

void Runner::work()
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        if (!_queue.empty() && _running < _maxRunning)
        {
            Work work = std::move(_queue.front());
            _queue.pop_front();
            ++_running;
            cover(lock);
            lock.unlock();
            work();
            work = nullptr;
            lock.lock();
            --_running;
        }
        else if (_source && !_reading)
        {
            _reading = true;
            WorkSource& source = *_source;
            lock.unlock();
            const bool goesOn = source.read();
            lock.lock();
            _reading = false;
            if (!goesOn)
            {
                _source = nullptr;
                _ended.notify_all();
            }
        }
        else if (_stopping)
            break;
        else
        {
            ++_idle;
            const bool inTime = _changed.wait_for(lock, IDLE_TIME) == std::cv_status::no_timeout;
            --_idle;
            if (!inTime && !(_source && !_reading) && _queue.empty())
                break;
        }
    }
    --_threads;
    _ended.notify_all();
}

void Runner::stop()
{
    std::unique_lock lock(_mutex);
    _stopping = true;
    _changed.notify_all();
    _ended.wait(lock, [this] { return _threads == 0; });
    for (auto* queue : {&_queue, &_main})
        while (!queue->empty())
        {
            const Work work = std::move(queue->front());
            queue->pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
}

} // namespace tenon::attach

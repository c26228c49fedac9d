#include "Runner.h"

#include "system/System.h"

#include <utility>

namespace tenon::attach
{

namespace
{

constexpr int IDLE_MS = 10000;

thread_local const Runner* inside = nullptr; ///< whose thread this is, for good or while it polls

} // namespace

bool Runner::start(WorkSource& source)
{
    const std::lock_guard lock(_mutex);
    _source = &source;
    _sourceEnded = false;
    ++_threads;
    if (startThread([this] { work(); }))
        return true;
    --_threads;
    _sourceEnded = true;
    return false;
}

void Runner::waitForEnd()
{
    Lock lock(_mutex);
    _ended.wait(lock, [this] { return _sourceEnded; });
}

void Runner::add(Work work)
{
    const std::lock_guard lock(_mutex);
    _queue.push_back(std::move(work));
}

void Runner::post(Work work)
{
    Lock lock(_mutex);
    _queue.push_back(std::move(work));
    cover(lock);
}

/// Gets another thread to wait for the source, or to run what is left, if nobody does.
void Runner::cover(Lock& lock)
{
    if (!_source || _stopping)
        return;
    if (_listening > 0)
    {
        if (!_queue.empty() && _running < _maxRunning)
            _source->wake();
        return;
    }
    if (_threads > _maxRunning) // one more than run: who waits
        return;
    ++_threads;
    lock.unlock();
    const bool started = startThread([this] { work(); });
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

bool Runner::isInside() const
{
    return inside == this;
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
        const Runner* const outer = std::exchange(inside, this);
        work();
        inside = outer;
        ++count;
        lock.lock();
    }
    return count;
}

void Runner::work()
{
    inside = this;
    Lock lock(_mutex);
    for (;;)
    {
        if (!_queue.empty() && _running < _maxRunning)
            runNext(lock);
        else if (_stopping || !listen(lock))
            break;
    }
    --_threads;
    if (_stopping && _listening > 0)
        _source->wake(); // one after the other
    _ended.notify_all();
}

void Runner::runNext(Lock& lock)
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

/// False if the thread is not needed any more.
bool Runner::listen(Lock& lock)
{
    // One stays, and sleeps for as long as nothing comes.
    const int timeoutMs = _listening > 0 ? IDLE_MS : -1;
    ++_listening;
    lock.unlock();
    const auto waited = _source->wait(timeoutMs);
    lock.lock();
    --_listening;
    if (waited == WorkSource::Waited::END && !_sourceEnded)
    {
        _sourceEnded = true;
        _ended.notify_all();
    }
    return waited != WorkSource::Waited::NOTHING || _listening == 0 || !_queue.empty();
}

void Runner::stop()
{
    Lock lock(_mutex);
    _stopping = true;
    if (_listening > 0)
        _source->wake();
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

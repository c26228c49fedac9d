#include "Runner.h"

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include <csignal>
#include <poll.h>
#include <pthread.h>

namespace tenon::attach
{

namespace
{

constexpr std::chrono::seconds IDLE_TIME(10);

} // namespace

bool startThread(std::function<void()> body)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = true;
    try
    {
        std::thread(std::move(body)).detach();
    }
    catch (const std::system_error&)
    {
        started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

void Runner::post(Work work)
{
    std::unique_lock lock(_mutex);
    _queue.push_back(std::move(work));
    if (_idle >= _queue.size())
        _changed.notify_one();
    else if (_threads < _maxThreads)
    {
        ++_threads;
        lock.unlock();
        if (startThread([this] { this->work(); }))
            return;
        // No further thread can be had. Those that there are come to it, or, without any, whoever posts next.
        lock.lock();
        --_threads;
    }
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
    {
        pollfd ready{_mainWaits.descriptor(), POLLIN, 0};
        ::poll(&ready, 1, timeoutMs);
    }
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
        while (!_queue.empty())
        {
            const Work work = std::move(_queue.front());
            _queue.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
        if (_stopping)
            break;
        ++_idle;
        const bool news = _changed.wait_for(lock, IDLE_TIME, [this] { return !_queue.empty() || _stopping; });
        --_idle;
        if (!news)
            break;
    }
    --_threads;
    _changed.notify_all();
}

void Runner::stop()
{
    std::unique_lock lock(_mutex);
    _stopping = true;
    _changed.notify_all();
    _changed.wait(lock, [this] { return _threads == 0; });
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

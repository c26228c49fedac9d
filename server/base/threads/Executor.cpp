#include "base/threads/Executor.h"

#include "base/threads/LostThreads.h"
#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace tenon::base
{

namespace
{
constexpr auto KEEP_IDLE = std::chrono::seconds(10);

/// Those that others may replace: what they are in may never end.
std::size_t countLost(const std::vector<std::thread>& threads)
{
    const auto& lost = LostThreads::instance();
    if (lost.count() == 0)
        return 0;
    return static_cast<std::size_t>(std::count_if(
        threads.begin(), threads.end(), [&](const std::thread& thread) { return lost.contains(thread.get_id()); }));
}
} // namespace

Executor::Executor(std::size_t maxThreads) : _maxThreads(std::max<std::size_t>(maxThreads, 1)) {}

Executor::~Executor()
{
    stop();
}

void Executor::post(Work work)
{
    Work dropped; // destroyed without the lock: captures may post
    std::lock_guard lock(_mutex);
    if (_stopping)
        return;
    _queue.push_back(std::move(work));
    // Threads that ended are joined here, so that their number does not grow.
    for (const auto id : std::exchange(_ended, {}))
    {
        const auto thread = std::find_if(_threads.begin(), _threads.end(), [&](auto& t) { return t.get_id() == id; });
        thread->join();
        _threads.erase(thread);
    }
    if (_idle >= _queue.size() || _alive >= _maxThreads + countLost(_threads))
    {
        _wake.notify_one();
        return;
    }
    try
    {
        _ended.reserve(_threads.size() + 1); // a thread that ends takes no memory to say so
        _threads.emplace_back([this] { steadyThreadRoot("a thread of an executor", [this] { run(); }); });
        ++_alive;
    }
    catch (const std::exception& exc) // std::system_error, std::bad_alloc
    {
        // The threads there are take it on; only without any it would wait for ever.
        if (_alive == 0)
        {
            dropped = std::move(_queue.back());
            _queue.pop_back();
            throw Poco::SystemException("no thread can be made", exc.what());
        }
        _wake.notify_one();
    }
}

void Executor::stop()
{
    std::vector<std::thread> threads;
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        threads.swap(_threads);
        _wake.notify_all();
    }
    for (auto& thread : threads)
        thread.join();
}

std::size_t Executor::queued() const
{
    std::lock_guard lock(_mutex);
    return _queue.size();
}

void Executor::run()
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        if (_queue.empty())
        {
            if (_stopping)
                break;
            ++_idle;
            const bool woken = _wake.wait_for(lock, KEEP_IDLE, [&] { return _stopping || !_queue.empty(); });
            --_idle;
            if (!woken)
            {
                _ended.push_back(std::this_thread::get_id());
                break;
            }
            continue;
        }
        {
            Work work = std::move(_queue.front());
            _queue.pop_front();
            lock.unlock();
            threadRoot("work", work);
            // The work is destroyed before the lock is taken again: its captures may post.
        }
        lock.lock();
    }
    --_alive;
}

} // namespace tenon::base

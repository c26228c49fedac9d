#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::base
{

/// Runs work off the caller's thread: calls that are entered again, calls that waited for their turn, tasks.
///
/// Threads are made when there is work and none is free, up to a limit, and end after a while without work: an idle
/// executor has none.
///
/// Threading: `post` on any thread; `stop` once, by the owner.
class Executor
{
public:
    using Work = std::function<void()>;

    explicit Executor(std::size_t maxThreads);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    /// Runs `work` soon; exceptions it throws are logged and dropped. After `stop` it is dropped.
    ///
    /// Errors: Poco::SystemException if there is no thread and none can be made; the work is not kept then.
    void post(Work work);

    /// Runs what is queued and joins the threads. Not from a thread of this executor.
    void stop();

    [[nodiscard]] std::size_t queued() const;

private:
    void run();

    const std::size_t _maxThreads;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::deque<Work> _queue;
    std::vector<std::thread> _threads;
    std::vector<std::thread::id> _ended;
    std::size_t _idle = 0;
    std::size_t _alive = 0;
    bool _stopping = false;
};

} // namespace tenon::base

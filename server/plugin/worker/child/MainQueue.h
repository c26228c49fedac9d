#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace tenon::plugin
{

/// The work of a worker's first thread, one item after the other.
///
/// Threading: `post` on any thread, `take` on that one.
class MainQueue
{
public:
    using Work = std::function<void()>;

    void post(Work work)
    {
        std::lock_guard lock(_mutex);
        _work.push_back(std::move(work));
        _posted.notify_one();
    }

    /// Waits for the next.
    [[nodiscard]] Work take()
    {
        std::unique_lock lock(_mutex);
        _posted.wait(lock, [this] { return !_work.empty(); });
        Work work = std::move(_work.front());
        _work.pop_front();
        return work;
    }

private:
    std::mutex _mutex; // guards all below
    std::condition_variable _posted;
    std::deque<Work> _work;
};

} // namespace tenon::plugin

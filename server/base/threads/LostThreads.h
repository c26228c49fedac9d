#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <set>
#include <thread>

namespace tenon::base
{

/// The threads that are written off: each is stuck in code that should have returned long ago, such as a function of a
/// plugin that hangs. A pool does not count them among the threads it may have, so that others take their places.
///
/// There is a limit: threads beyond it stay counted where they are, so that what hangs does not make the process grow
/// without end.
///
/// Threading: any thread.
class LostThreads
{
public:
    /// The one of this process, as its threads are.
    [[nodiscard]] static LostThreads& instance();

    void setLimit(std::size_t limit);

    /// False if there are as many as may be: the thread is not written off.
    [[nodiscard]] bool writeOff(std::thread::id thread);

    /// The thread has come back, and is counted again.
    void takeBack(std::thread::id thread);

    [[nodiscard]] bool contains(std::thread::id thread) const;
    [[nodiscard]] std::size_t count() const noexcept { return _count.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> _count{0}; ///< of `_threads`, for who needs no lock

    mutable std::mutex _mutex; // guards all below
    std::size_t _limit = 64;
    std::set<std::thread::id> _threads;
};

} // namespace tenon::base

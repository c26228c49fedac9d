#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace tenon::base
{

/// Runs short work at a later time, on one thread, which an idle one has not. Work that may block goes to an `Executor`.
///
/// Threading: any thread.
class Timers
{
public:
    using Id = std::uint64_t;
    using Work = std::function<void()>;

    Timers();
    ~Timers();
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;

    /// Runs `work` once, `delay` from now. The id is never 0.
    Id after(std::chrono::milliseconds delay, Work work);

    /// Runs `work` every `interval`, first after one interval.
    Id every(std::chrono::milliseconds interval, Work work);

    /// Forgets a timer. After the return its work neither starts nor runs, unless that work itself is the caller; so not
    /// while holding a lock that the work takes. Unknown ids are ignored.
    void cancel(Id id);

    /// Ends the thread; what is still due is dropped.
    void stop();

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Entry
    {
        Work work;
        std::chrono::milliseconds interval{0};
        Time due;
    };

    Id add(std::chrono::milliseconds delay, std::chrono::milliseconds interval, Work work);
    void run();

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::condition_variable _done; ///< a work has ended
    Id _running = 0;
    std::thread::id _runner;
    std::map<std::pair<Time, Id>, Id> _due;
    std::unordered_map<Id, Entry> _entries;
    Id _next = 1;
    bool _stopping = false;
    std::thread _thread;
};

} // namespace tenon::base

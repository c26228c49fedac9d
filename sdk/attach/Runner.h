#pragma once

#include "Waker.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace tenon::attach
{

/// Runs work on threads of the library, which come when there is some and go when there has been none for long, or on the
/// thread that polls.
///
/// Threading: any thread, but `poll` always on the same.
class Runner
{
public:
    using Work = std::function<void()>; ///< must not throw

    explicit Runner(std::size_t maxThreads) : _maxThreads(maxThreads) {}
    ~Runner() { stop(); }

    void post(Work work);
    void postToMain(Work work);

    /// Runs what waited for this thread when it was called; gives how many.
    int poll(int timeoutMs);

    [[nodiscard]] int descriptor() const { return _mainWaits.descriptor(); }

    /// Waits until no work runs on threads of the library. What waits for either is run on this one: it finds that it is
    /// over.
    void stop();

private:
    void work();

    const std::size_t _maxThreads;
    Waker _mainWaits; ///< raised while `_main` holds something

    std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    std::deque<Work> _queue, _main;
    std::size_t _threads = 0, _idle = 0;
    bool _stopping = false;
};

/// Starts a thread that no signal of the program is delivered to. False if there can be none.
[[nodiscard]] bool startThread(std::function<void()> body);

} // namespace tenon::attach

#pragma once

#include "plugin/worker/channel/Waker.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace tenon::attach
{

/// Where work comes from.
///
/// Threading: one thread at a time, not always the same.
class WorkSource
{
public:
    virtual ~WorkSource() = default;

    /// Waits for what comes next and puts it into the runner. False once nothing comes any more.
    [[nodiscard]] virtual bool read() = 0;
};

/// Runs work on threads of the library, or on the thread that polls.
///
/// A thread of the library that has nothing to do reads from the source, and runs what it read itself: a short call costs
/// no hand-over. Before it runs anything another thread takes its place as reader. Threads come when they are needed and
/// go when they were not for long, until one is left, which reads.
///
/// Threading: any thread, but `poll` always on the same.
class Runner
{
public:
    using Work = std::function<void()>; ///< must not throw

    explicit Runner(std::size_t maxThreads) : _maxRunning(maxThreads) {}
    ~Runner() { stop(); }

    /// Begins to read. False if the system has no thread.
    ///
    /// Ownership: borrows `source` until its `read` has given false.
    [[nodiscard]] bool start(WorkSource& source);

    /// Waits until the source has given false.
    void waitForEnd();

    /// From within `read`: this thread comes to it, or another one.
    void add(Work work);
    void post(Work work);
    void postToMain(Work work);

    /// Runs what waited for this thread when it was called; gives how many.
    int poll(int timeoutMs);

    [[nodiscard]] std::intptr_t descriptor() const { return _mainWaits.descriptor(); }

    /// Waits until no work runs on threads of the library. What waits for either is run on this one: it finds that it is
    /// over.
    void stop();

private:
    void work();
    void cover(std::unique_lock<std::mutex>& lock);

    const std::size_t _maxRunning;
    plugin::Waker _mainWaits; ///< raised while `_main` holds something

    std::mutex _mutex; // guards all below
    std::condition_variable _changed, _ended;
    WorkSource* _source = nullptr; ///< null: before the start and after the end
    bool _reading = false;
    std::deque<Work> _queue, _main;
    std::size_t _threads = 0, _idle = 0, _running = 0;
    bool _stopping = false;
};

} // namespace tenon::attach

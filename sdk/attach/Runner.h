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
/// Threading: any thread; several wait at the same time.
class WorkSource
{
public:
    enum class Waited
    {
        NOTHING, ///< until the time was up
        SOMETHING,
        END ///< nothing comes any more; told to one thread at least
    };

    virtual ~WorkSource() = default;

    /// Waits, at most `timeoutMs` (-1: without end), and puts what came into the runner.
    [[nodiscard]] virtual Waited wait(int timeoutMs) = 0;

    /// Lets a thread that waits look at what the runner has.
    virtual void wake() = 0;
};

/// Runs work on threads of the library, or on the thread that polls.
///
/// All threads of the library that have nothing to do wait for the source, and one runs what it got from there itself: a
/// short call costs no hand-over. Whoever runs something leaves another one behind that waits. Threads come when they are
/// needed and go when they were not for long, until one is left.
///
/// Threading: any thread, but `poll` always on the same.
class Runner
{
public:
    using Work = std::function<void()>; ///< must not throw

    explicit Runner(std::size_t maxThreads) : _maxRunning(maxThreads) {}
    ~Runner() { stop(); }

    /// Begins to wait for the source. False if the system has no thread.
    ///
    /// Ownership: borrows `source` until `stop` returns.
    [[nodiscard]] bool start(WorkSource& source);

    /// Waits until the source has ended.
    void waitForEnd();

    /// From within the source's `wait`: this thread comes to it, or another one.
    void add(Work work);
    void post(Work work);
    void postToMain(Work work);

    /// Runs what waited for this thread when it was called; gives how many.
    int poll(int timeoutMs);

    /// Whether this is a thread of this runner, or one that is in `poll`.
    [[nodiscard]] bool isInside() const;

    [[nodiscard]] std::intptr_t descriptor() const { return _mainWaits.descriptor(); }

    /// Waits until no work runs on threads of the library. What waits for either is run on this one: it finds that it is
    /// over.
    void stop();

private:
    using Lock = std::unique_lock<std::mutex>;

    void work();
    void runNext(Lock& lock);
    [[nodiscard]] bool listen(Lock& lock);
    void cover(Lock& lock);

    const std::size_t _maxRunning;
    plugin::Waker _mainWaits; ///< raised while `_main` holds something

    std::mutex _mutex; // guards all below
    std::condition_variable _ended;
    WorkSource* _source = nullptr; ///< null: before the start
    bool _sourceEnded = true;
    std::deque<Work> _queue, _main;
    std::size_t _threads = 0, _listening = 0, _running = 0;
    bool _stopping = false;
};

} // namespace tenon::attach

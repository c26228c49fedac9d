#pragma once

#include "net/front/Worker.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace tenon::net
{

/// Looks after the threads of the front: there are as many as processors, and one more for each that is in a call that
/// takes long, up to a limit.
///
/// It looks every two milliseconds while there is work. A thread that is held by the same event at two looks is in a call:
/// what it has taken and not begun goes to others. One that only got no processor is not (see Pulse). When all threads there may be are in calls, the monitor itself serves what
/// cannot block. A wake-up that went to the monitor, or to a thread that was leaving, is given again at the next look.
///
/// Errors:    a thread that the system does not give is asked for again at the next look.
/// Threading: `start` and `stop` once, by the owner; the rest any thread.
class WorkerMonitor
{
public:
    WorkerMonitor(FrontState& front, WorkQueue& queue, ConnectionDriver& driver);

    /// Errors: std::system_error if not even one thread can be had.
    void start();
    void stop();

    /// Threads that serve, those in a call among them.
    [[nodiscard]] std::size_t threads() const { return _alive.load(std::memory_order_relaxed); }

private:
    void run();
    void rest(int quiet);
    void look() noexcept;
    bool working();
    void handOn(Worker& worker);
    bool addThread(bool& refused) noexcept;
    void reap() noexcept;
    void serveWithoutThreads(Scratch& scratch) noexcept;
    void refuseOverdue(Scratch& scratch) noexcept;
    void count(std::ptrdiff_t more);

    FrontState& _front;
    WorkQueue& _queue;
    ConnectionDriver& _driver;
    const std::size_t _base;
    const std::size_t _most;
    std::atomic<std::size_t> _alive{0};
    WorkerSignals _signals;
    std::atomic<bool> _inLane{false}; ///< it serves a large message itself

    // The owner's before the monitor runs and after it has ended, the monitor's meanwhile.
    bool _saturated = false;
    bool _toldOfRefusal = false;

    std::vector<std::unique_ptr<Worker>> _workers;
    std::thread _thread;
};

} // namespace tenon::net

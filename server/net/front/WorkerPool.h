#pragma once

#include "net/front/FrontState.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::net
{

/// The threads that share the poll set. Each takes a few events and serves them itself; there is no hand-over.
///
/// A monitor looks every two milliseconds, while there is work, whether a thread is still in the same call. What such a
/// thread has taken and not yet served is given to others, and another thread joins; it leaves when the call is over.
/// When all threads there may be are in calls, the monitor itself serves what cannot block, and requests that could
/// wait in a bounded queue.
///
/// Threading: any thread; `start` and `stop` once, by the owner.
class WorkerPool final : public FrontScheduler
{
public:
    explicit WorkerPool(FrontState& front);
    ~WorkerPool() override;
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    void start();

    /// Ends all threads when they have finished what they are in.
    void stop();

    /// Threads that serve, those in a call among them.
    [[nodiscard]] std::size_t threads() const { return _alive.load(std::memory_order_relaxed); }

    /// Serves one event on the calling thread.
    void serve(ConnectionRef ref, std::uint8_t bits, Scratch& scratch);

    // FrontScheduler
    void kick(ConnectionRef ref, std::uint8_t bits) override;
    void flushLater(ConnectionRef ref) override;
    bool reservePark() override;

private:
    static constexpr std::size_t BATCH = 16;

    /// One thread. `batch` is (number << 32 | next << 16 | count); taking an event is one compare-and-swap, so that the
    /// monitor can take over what a stuck thread has not begun.
    struct Worker
    {
        std::thread thread;
        std::atomic<std::uint32_t> activity{0}; ///< odd while serving
        std::atomic<std::uint64_t> batch{0};
        std::array<std::atomic<std::uint64_t>, BATCH> events{};
        bool ended = false;     ///< guarded by `_mutex`
        std::uint32_t seen = 0; ///< the monitor's
        bool stuck = false;     ///< the monitor's
    };

    void run(Worker& worker);
    void monitor();
    void look();
    void serveWithoutThreads(Scratch& scratch);
    bool take(Worker& worker, std::uint64_t& event);
    bool serveQueued(Scratch& scratch);
    void serveFlushes(Scratch& scratch);
    bool leaves();
    void addThread();
    void reap();
    void park(ConnectionRef ref);
    void wakeMonitor();
    void refuseOverdue();

    FrontState& _front;
    const std::size_t _base;
    const std::size_t _most;

    std::atomic<bool> _stopping{false};
    std::atomic<std::size_t> _alive{0};
    std::atomic<std::int32_t> _surplus{0}; ///< threads that should leave
    std::atomic<std::size_t> _ready{0};    ///< events in `_queue` and requests in `_parked`
    std::atomic<std::size_t> _flushes{0};  ///< in `_toFlush`
    std::atomic<std::size_t> _reserved{0}; ///< places in `_parked`, taken or about to be
    std::atomic<bool> _monitorSleeps{false};
    std::atomic<bool> _saturated{false};

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::deque<std::uint64_t> _queue; ///< events: ref and bits in one word
    struct Parked
    {
        ConnectionRef ref;
        std::chrono::steady_clock::time_point until;
    };
    std::deque<Parked> _parked;
    std::deque<ConnectionRef> _toFlush;
    std::vector<std::unique_ptr<Worker>> _workers;

    std::thread _monitor;
};

} // namespace tenon::net

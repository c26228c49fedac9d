#pragma once

#include "net/connection/FrontState.h"
#include "net/front/ConnectionDriver.h"
#include "net/front/Pulse.h"
#include "net/front/WorkQueue.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

namespace tenon::net
{

/// What the threads of the front and their monitor tell each other.
///
/// Threading: any thread.
struct WorkerSignals
{
    std::atomic<bool> stopping{false};
    std::atomic<std::int32_t> surplus{0}; ///< threads that should leave
    std::atomic<bool> monitorSleeps{false};

    std::mutex mutex; // of the monitor's sleep
    std::condition_variable wake;

    void wakeMonitor();
    /// Takes one of the surplus; false: there is none.
    [[nodiscard]] bool leaves() noexcept;
};

/// What is taken from the poll set at once.
using PolledEvents = std::array<Poller::Event, 16>;

/// One thread of the front: takes a few events from the poll set and serves them itself. There is no hand-over; but
/// what it has taken and not begun, the monitor may give to others. When clients of several holders want to be served at
/// once, they take turns instead.
///
/// Threading: `takeNext` by the thread and the monitor, the rest as said.
class Worker
{
public:
    Worker(FrontState& front, WorkQueue& queue, ConnectionDriver& driver, WorkerSignals& signals)
        : _front(front), _queue(queue), _driver(driver), _signals(signals)
    {
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Errors: std::system_error if the system gives no thread.
    void start();
    void join() { _thread.join(); }
    [[nodiscard]] std::thread::id id() const { return _thread.get_id(); }

    [[nodiscard]] bool ended() const { return _ended.load(); }
    [[nodiscard]] bool serves() const { return (_activity.load() & 1) != 0; }

    // The monitor.
    /// Whether it serves what it served at the last look, and is held by it.
    [[nodiscard]] bool look();
    [[nodiscard]] bool stuck() const { return _stuck; }
    [[nodiscard]] bool moved() const { return _activity.load() != _seen; }

    /// Gives back its place in the lane of large messages, if it has been stuck there for long: it waits, rather than
    /// works. True if it did.
    [[nodiscard]] bool leavesLane() noexcept;

    [[nodiscard]] bool takeNext(WorkQueue::Event& event) noexcept;

    /// The connection that it serves, or has served last; 0: none.
    [[nodiscard]] ConnectionRef serving() const { return _scratch.serving.load(std::memory_order_relaxed); }

    static constexpr std::chrono::microseconds SLICE{500}; ///< of turns, before the poll set is asked who else has come

private:
    void run();
    [[nodiscard]] bool contended(std::size_t count, const PolledEvents& events) const noexcept;
    void serveBatch(std::size_t count, const PolledEvents& events) noexcept;
    void serveTurns() noexcept;
    void progressed() noexcept
    {
        _activity.store(_activity.load(std::memory_order_relaxed) + 2, std::memory_order_release);
    }

    FrontState& _front;
    WorkQueue& _queue;
    ConnectionDriver& _driver;
    WorkerSignals& _signals;

    std::atomic<std::uint32_t> _activity{0}; ///< odd while serving; written by the thread alone
    /// (number << 32 | next << 16 | count): taking an event is one compare-and-swap.
    std::atomic<std::uint64_t> _batch{0};
    std::array<std::atomic<std::uint64_t>, std::tuple_size_v<PolledEvents>> _events{};
    std::atomic<bool> _inLane{false};
    std::atomic<bool> _ended{false};

    Scratch _scratch; ///< the thread's, but for what is said of it

    // The monitor's.
    Pulse _pulse;
    std::uint32_t _seen = 0;
    bool _stuck = false;
    int _looksInLane = 0;

    std::thread _thread;
};

/// What turns are measured by: the end of one is the beginning of the next.
struct TurnClock
{
    TurnQueue::Clock::time_point now = TurnQueue::Clock::now();
    std::chrono::nanoseconds computed = Pulse::computed(); ///< by the calling thread
};

/// Has who is in the poll set wait for their turn: there nobody comes before others. Waits for the first of them.
void gather(FrontState& front, ConnectionDriver& driver, std::chrono::milliseconds wait) noexcept;

/// Does what waits in the queue besides events of the poll set: one of its events; a turn, which begins at `clock`, and ends
/// then; a large message, while `inLane` says so; a slice of its flushes. False if there is nothing of the kind.
bool serveQueued(FrontState& front, WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch) noexcept;
bool serveTurn(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch, TurnClock& clock) noexcept;
bool serveLarge(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch, std::atomic<bool>& inLane) noexcept;
void serveFlushes(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch) noexcept;

} // namespace tenon::net

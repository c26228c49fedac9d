#pragma once

#include "base/metrics/Metrics.h"
#include "net/front/TurnQueue.h"
#include "net/io/Readiness.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace tenon::net
{

/// What the threads of the front have to do beside what the poll set tells: events from elsewhere, connections that wait
/// for their turn, requests that wait for a thread, queues to be written.
///
/// Large messages have a lane of their own: however many come, few threads are busy with them.
///
/// Errors:    none is thrown; what there is no memory to remember is noted as such, and found again by the sweep.
/// Threading: any thread.
class WorkQueue
{
public:
    using Clock = std::chrono::steady_clock;

    struct Event
    {
        ConnectionRef ref = 0;
        std::uint8_t bits = 0;
    };

    /// `queued` shows how many requests wait; `maxLarge` threads may be busy with large messages.
    WorkQueue(ConnectionTable& table, std::size_t maxParked, std::size_t maxLarge, base::Gauge& queued)
        : _maxParked(maxParked), _maxLarge(maxLarge), _queued(queued), _turns(table), _large(table)
    {
    }

    void push(ConnectionRef ref, std::uint8_t bits) noexcept;

    /// Takes a place for a request that is to be parked; false: there is none.
    [[nodiscard]] bool reserve() noexcept;
    void cancel() noexcept { _reserved.fetch_sub(1); }
    /// Puts a request into its place. Errors: false if there is no memory; the place is given back.
    [[nodiscard]] bool park(ConnectionRef ref, Clock::time_point until) noexcept;

    /// Takes what waits longest; parked requests only for who may block, and before all else: they came first.
    [[nodiscard]] bool pop(bool mayBlock, Event& event) noexcept;
    /// Takes a parked request that has waited too long.
    [[nodiscard]] bool popOverdue(Clock::time_point now, ConnectionRef& ref) noexcept;
    /// Takes the parked request of one connection. False if it is not parked, or somebody else has it.
    [[nodiscard]] bool unpark(ConnectionRef ref) noexcept;

    /// Has a queue of bytes written in turn. True if it is the only one.
    bool pushFlush(ConnectionRef ref) noexcept;
    std::size_t popFlushes(ConnectionRef* refs, std::size_t most) noexcept;

    /// Connections that wait for their turn.
    [[nodiscard]] TurnQueue& turns() noexcept { return _turns; }

    /// Has a large message, whose connection the caller owns, wait for the lane.
    void pushLarge(ConnectionRef ref) noexcept { _large.push(ref, PARKED); }
    /// Takes a place in the lane and the message whose turn it is; false: one of them is not to be had.
    [[nodiscard]] bool enterLane(TurnQueue::Turn& turn) noexcept;
    void leaveLane() noexcept { _inLane.fetch_sub(1); }
    void tookLarge(const TurnQueue::Turn& turn, Clock::duration time, Clock::time_point now) noexcept
    {
        _large.took(turn, time, now);
    }
    [[nodiscard]] bool hasLarge() const noexcept { return _large.size() != 0 && _inLane.load() < _maxLarge; }

    [[nodiscard]] bool hasEvents() const noexcept { return _ready.load() != 0 || _turns.size() != 0 || hasLarge(); }
    [[nodiscard]] bool hasFlushes() const noexcept { return _flushes.load() != 0; }

    /// Whether something was not remembered since the last time this was asked.
    [[nodiscard]] bool takeForgotten() noexcept { return _forgotten.exchange(false); }

private:
    struct Parked
    {
        ConnectionRef ref;
        Clock::time_point until;
    };

    void unparked() noexcept;

    const std::size_t _maxParked;
    const std::size_t _maxLarge;
    base::Gauge& _queued;
    TurnQueue _turns, _large;
    std::atomic<std::size_t> _inLane{0};
    std::atomic<std::size_t> _ready{0};    ///< in `_events` and `_parked`
    std::atomic<std::size_t> _flushes{0};  ///< in `_toFlush`
    std::atomic<std::size_t> _reserved{0}; ///< places in `_parked`, taken or about to be
    std::atomic<bool> _forgotten{false};

    std::mutex _mutex; // guards all below
    std::deque<Event> _events;
    std::deque<Parked> _parked;
    std::deque<ConnectionRef> _toFlush;
};

} // namespace tenon::net

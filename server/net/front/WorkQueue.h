#pragma once

#include "base/metrics/Metrics.h"
#include "net/io/Readiness.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace tenon::net
{

/// What the threads of the front have to do beside what the poll set tells: events from elsewhere, requests that wait
/// for a thread, queues to be written.
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

    /// `queued` shows how many requests wait.
    WorkQueue(std::size_t maxParked, base::Gauge& queued) : _maxParked(maxParked), _queued(queued) {}

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

    [[nodiscard]] bool hasEvents() const noexcept { return _ready.load() != 0; }
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
    base::Gauge& _queued;
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

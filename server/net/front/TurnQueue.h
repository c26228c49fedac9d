#pragma once

#include "net/connection/ConnectionTable.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace tenon::net
{

/// Decides whose turn it is when there is more work than threads.
///
/// Holders take turns of the same length, however many connections they have and however long each takes to serve; who has
/// nothing to be served earns as much time as that lasts, up to one turn, and with time left comes before them. So a client
/// that asks for little is served soon, whatever others ask for. It is close to the scheduler of FQ-CoDel (RFC 8290,
/// section 4.2), with time for bytes, and drops nothing.
///
/// A connection that waits is the queue's: whoever pops it is its owner, and what happens meanwhile is left for them in
/// the table.
///
/// Errors:    none; no memory is needed.
/// Threading: any thread.
/// Ownership: borrows the table.
class TurnQueue
{
public:
    using Clock = std::chrono::steady_clock;

    /// Of a turn: one or two small requests. When all of a hundred holders ask for more than there is, each waits for a hundred.
    static constexpr std::chrono::microseconds QUANTUM{125};

    struct Turn
    {
        ConnectionRef ref = 0;
        std::uint8_t bits = 0;
        std::uint16_t flow = 0;
    };

    explicit TurnQueue(ConnectionTable& table) : _table(table) {}
    TurnQueue(const TurnQueue&) = delete;
    TurnQueue& operator=(const TurnQueue&) = delete;

    /// Takes over a connection that the caller owns, which waits to be served with `bits`.
    void push(ConnectionRef ref, std::uint8_t bits, Clock::time_point now = Clock::now()) noexcept;
    /// The same for one whose turn is over, and which has more to be served.
    void pushAgain(ConnectionRef ref, std::uint8_t bits) noexcept;

    /// Gives over whoever's turn it is; false: nobody waits.
    [[nodiscard]] bool pop(Turn& turn, Clock::time_point now = Clock::now()) noexcept;

    /// How long a turn was that ends now, without what it waited for a processor.
    void took(const Turn& turn, Clock::duration time, Clock::time_point now) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return _size.load(std::memory_order_relaxed); }

private:
    static constexpr std::uint16_t NONE = 0xffff;

    /// Flows in a row.
    struct List
    {
        std::uint16_t first = NONE, last = NONE;
        [[nodiscard]] bool empty() const { return first == NONE; }
    };

    struct Flow
    {
        ConnectionRef first = 0, last = 0;
        std::int64_t leftNs = std::chrono::nanoseconds(QUANTUM).count(); ///< of its turn; below 0: it owes
        Clock::time_point idleSince;                                     ///< if nothing of it waits
        List* list = nullptr;                                            ///< that it is in
        std::uint16_t previous = NONE, next = NONE;
    };

    /// With the lock held. True if nothing of its flow waited.
    bool enter(ConnectionRef ref, std::uint8_t bits) noexcept;
    void enlist(std::uint16_t number) noexcept;
    void append(List& list, std::uint16_t number) noexcept;
    void unlink(std::uint16_t number) noexcept;

    ConnectionTable& _table;
    std::atomic<std::size_t> _size{0}; ///< connections. Written under the lock

    std::mutex _mutex; // guards all below
    std::array<Flow, ConnectionTable::FLOWS> _flows;
    List _early; ///< have time left that they earned
    List _usual;
};

} // namespace tenon::net

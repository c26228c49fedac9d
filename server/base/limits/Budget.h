#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <utility>

namespace tenon::base
{

/// A number of bytes that peers and plugins may make the server hold, and how many of them are held now.
///
/// One budget stands for the server (`limits.memoryMb`); a holder's own stands within it, and a byte taken of the holder's
/// is taken of the server's too.
///
/// Units:     bytes.
/// Threading: any thread.
/// Ownership: borrows `whole`, and is borrowed by its shares: both outlive who borrows them.
class Budget
{
public:
    static constexpr std::uint64_t UNLIMITED = std::numeric_limits<std::uint64_t>::max();

    explicit Budget(std::uint64_t limitBytes, Budget* whole = nullptr) : _limit(limitBytes), _whole(whole) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    /// Takes `bytes`, or nothing and says false if they do not fit: for work that can still be refused (503).
    [[nodiscard]] bool tryTake(std::uint64_t bytes) noexcept;

    /// Takes `bytes` though they may not fit: for what is held already, or has to be (the answer of a call that runs).
    void take(std::uint64_t bytes) noexcept;

    /// Gives back what was taken before.
    void give(std::uint64_t bytes) noexcept;

    [[nodiscard]] std::uint64_t used() const noexcept { return _used.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t limit() const noexcept { return _limit.load(std::memory_order_relaxed); }

    /// A new limit, as settings are read again. What is held stays held; a budget that is overdrawn refuses.
    void setLimit(std::uint64_t bytes) noexcept { _limit.store(bytes, std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> _limit;
    std::atomic<std::uint64_t> _used{0};
    Budget* const _whole;
};

/// What one thing holds of a budget: a body, a queue of answers, a log of events. Gives it back when it goes.
///
/// Without a budget, a share neither counts nor refuses anything.
///
/// Threading: one thread at a time, as for the thing whose bytes it counts.
class BudgetShare
{
public:
    BudgetShare() = default;
    explicit BudgetShare(Budget& budget) : _budget(&budget) {}
    BudgetShare(BudgetShare&& other) noexcept
        : _budget(std::exchange(other._budget, nullptr)), _bytes(std::exchange(other._bytes, 0))
    {
    }
    BudgetShare& operator=(BudgetShare&& other) noexcept;
    ~BudgetShare() { resize(0); }

    /// Grows or shrinks to `bytes`; false, and unchanged, if the budget has no room for what is to be added.
    [[nodiscard]] bool tryResize(std::uint64_t bytes) noexcept;

    /// Grows or shrinks to `bytes`, overdrawing the budget if it must.
    void resize(std::uint64_t bytes) noexcept;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return _bytes; }

private:
    Budget* _budget = nullptr;
    std::uint64_t _bytes = 0;
};

} // namespace tenon::base

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tenon::base
{

/// Numbers that many threads add to and few read: each thread has cells of its own, so that adding is a plain addition,
/// without a locked instruction and without a cache line that travels.
///
/// What a thread has added stays when it ends.
///
/// Threading: any thread. A sum is not of one moment while others add.
class MetricCells
{
public:
    /// Takes `count` cells next to each other, all 0; CELLS at most.
    /// Errors: Poco::BugcheckException if there are too many metrics.
    explicit MetricCells(std::size_t count);
    ~MetricCells();
    MetricCells(const MetricCells&) = delete;
    MetricCells& operator=(const MetricCells&) = delete;

    /// What cannot be counted for want of memory is not counted.
    void add(std::size_t cell, std::uint64_t amount) noexcept
    {
        Cell* const chunk = _ofThisThread[_chunk];
        if (!chunk)
            return addSlowly(cell, amount);
        Cell& mine = chunk[_first + cell];
        mine.store(mine.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t sum(std::size_t cell) const noexcept;

    static constexpr std::size_t CELLS = 256; ///< of a chunk
    static constexpr std::size_t CHUNKS = 1024;
    using Cell = std::atomic<std::uint64_t>; ///< written by its thread alone
    class Thread;                            ///< the cells of one thread

private:
    void addSlowly(std::size_t cell, std::uint64_t amount) noexcept;

    /// The chunks of the calling thread; null ones are not there yet. A plain pointer, for the way of a call: what has a
    /// destructor is looked at each time whether it is there.
    static constinit thread_local Cell** _ofThisThread;

    const std::size_t _count;
    std::size_t _chunk = 0, _first = 0;
};

} // namespace tenon::base

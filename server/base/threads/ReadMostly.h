#pragma once

#include "base/threads/ShortLock.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace tenon::base
{

/// A shared object that is read far more often than it is replaced: each thread takes its pointer from one of several
/// cells, each with a reference count of its own, so that readers on different cores do not touch the same memory.
///
/// Threading: any thread; `set` one at a time.
template <typename Object>
class ReadMostly
{
public:
    using Pointer = std::shared_ptr<const Object>;

    [[nodiscard]] Pointer get() const
    {
        const Cell& cell = _cells[cellOfThisThread()];
        const std::lock_guard lock(cell.lock);
        return cell.pointer;
    }

    /// Nothing keeps the predecessor after the return but those who took it.
    void set(const Pointer& pointer)
    {
        for (Cell& cell : _cells)
        {
            // A count of its own for each cell; it holds the one that all share.
            Pointer next(std::make_shared<const Pointer>(pointer), pointer.get());
            const std::lock_guard lock(cell.lock);
            cell.pointer.swap(next);
        }
    }

private:
    static constexpr std::size_t CELLS = 16;

    struct alignas(64) Cell
    {
        mutable ShortLock lock; // guards `pointer`, for the time of one copy
        Pointer pointer;
    };

    static std::size_t cellOfThisThread() noexcept
    {
        static std::atomic<std::size_t> threads{0};
        thread_local const std::size_t cell = threads.fetch_add(1, std::memory_order_relaxed) % CELLS;
        return cell;
    }

    std::array<Cell, CELLS> _cells;
};

} // namespace tenon::base

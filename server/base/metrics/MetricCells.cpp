#include "base/metrics/MetricCells.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace tenon::base
{

/// The cells of one thread.
class MetricCells::Thread
{
public:
    Thread();
    ~Thread();
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    std::array<std::unique_ptr<MetricCells::Cell[]>, MetricCells::CHUNKS> chunks;
    std::array<MetricCells::Cell*, MetricCells::CHUNKS> cells{}; ///< the same, for `add`
};

namespace
{

using Cell = MetricCells::Cell;

using Chunks = std::array<Cell*, MetricCells::CHUNKS>;

/// Of threads that have added nothing yet, most of which never will.
Chunks none{};

constinit thread_local bool threadEnds = false;

/// All threads that add, and what those that have ended added.
struct Table
{
    std::mutex mutex; // guards all below, and who adds a chunk to a thread
    std::vector<MetricCells::Thread*> threads;
    std::array<std::unique_ptr<Cell[]>, MetricCells::CHUNKS> ended; ///< also added to by threads that end
    std::size_t used = 0;                                           ///< cells given out so far
    std::map<std::size_t, std::vector<std::size_t>> free;           ///< first cells that came back, by how many
};

Table& table()
{
    // Never destroyed: threads may add until the process ends.
    static Table* const table = new Table;
    return *table;
}

Cell& endedCell(Table& all, std::size_t chunk, std::size_t cell)
{
    if (!all.ended[chunk])
        all.ended[chunk] = std::make_unique<Cell[]>(MetricCells::CELLS);
    return all.ended[chunk][cell];
}

} // namespace

constinit thread_local MetricCells::Cell** MetricCells::_ofThisThread = none.data();

MetricCells::Thread::Thread()
{
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    all.threads.push_back(this);
}

MetricCells::Thread::~Thread()
{
    threadEnds = true;
    _ofThisThread = none.data();
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    std::erase(all.threads, this);
    for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk)
        if (!all.ended[chunk])
            all.ended[chunk] = std::move(chunks[chunk]); // takes no memory, which there may not be
        else
            for (std::size_t cell = 0; chunks[chunk] && cell < MetricCells::CELLS; ++cell)
                if (const std::uint64_t added = chunks[chunk][cell].load(std::memory_order_relaxed))
                    all.ended[chunk][cell].fetch_add(added, std::memory_order_relaxed);
}

MetricCells::MetricCells(std::size_t count) : _count(count)
{
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    std::size_t first = 0;
    if (auto& free = all.free[count]; !free.empty())
    {
        first = free.back();
        free.pop_back();
    }
    else
    {
        // Not over the end of a chunk.
        if (all.used % CELLS + count > CELLS)
            all.used += CELLS - all.used % CELLS;
        first = all.used;
        if (count > CELLS || first + count > CELLS * CHUNKS)
            throw Poco::BugcheckException("there are too many metrics");
        all.used += count;
    }
    _chunk = first / CELLS;
    _first = first % CELLS;
}

MetricCells::~MetricCells()
{
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    // Nobody adds to a metric that goes, so its cells may be written from here.
    for (std::size_t cell = _first; cell < _first + _count; ++cell)
    {
        for (Thread* thread : all.threads)
            if (thread->chunks[_chunk])
                thread->chunks[_chunk][cell].store(0, std::memory_order_relaxed);
        if (all.ended[_chunk])
            all.ended[_chunk][cell].store(0, std::memory_order_relaxed);
    }
    try
    {
        all.free[_count].push_back(_chunk * CELLS + _first);
    }
    catch (const std::bad_alloc&)
    {
        // Nobody gets them again.
    }
}

void MetricCells::addSlowly(std::size_t cell, std::uint64_t amount) noexcept
try
{
    Table& all = table();
    if (threadEnds)
    {
        const std::lock_guard lock(all.mutex);
        endedCell(all, _chunk, _first + cell).fetch_add(amount, std::memory_order_relaxed);
        return;
    }
    thread_local const auto mine = std::make_unique<Thread>(); // not in threads that add nothing
    {
        const std::lock_guard lock(all.mutex);
        mine->chunks[_chunk] = std::make_unique<Cell[]>(CELLS);
    }
    Cell* const chunk = mine->cells[_chunk] = mine->chunks[_chunk].get();
    _ofThisThread = mine->cells.data();
    chunk[_first + cell].store(amount, std::memory_order_relaxed);
}
catch (const std::bad_alloc&)
{
}

std::uint64_t MetricCells::sum(std::size_t cell) const noexcept
{
    Table& all = table();
    const std::lock_guard lock(all.mutex);
    std::uint64_t sum = all.ended[_chunk] ? all.ended[_chunk][_first + cell].load(std::memory_order_relaxed) : 0;
    for (const Thread* thread : all.threads)
        if (thread->chunks[_chunk])
            sum += thread->chunks[_chunk][_first + cell].load(std::memory_order_relaxed);
    return sum;
}

} // namespace tenon::base

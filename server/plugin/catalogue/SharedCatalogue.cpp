#include "plugin/catalogue/SharedCatalogue.h"

#include <thread>
#include <utility>

namespace tenon::plugin
{

namespace
{

class Busy
{
public:
    explicit Busy(std::atomic_flag& flag) : _flag(flag)
    {
        while (_flag.test_and_set(std::memory_order_acquire))
            std::this_thread::yield();
    }
    ~Busy() { _flag.clear(std::memory_order_release); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    std::atomic_flag& _flag;
};

} // namespace

CataloguePtr SharedCatalogue::get() const
{
    const Cell& cell = _cells[cellOfThisThread()];
    Busy busy(cell.busy);
    return cell.catalogue;
}

void SharedCatalogue::set(const CataloguePtr& catalogue)
{
    for (Cell& cell : _cells)
    {
        // A count of its own for each cell; it holds the one that all share.
        auto own = std::make_shared<const CataloguePtr>(catalogue);
        CataloguePtr next(own, catalogue.get());
        {
            Busy busy(cell.busy);
            cell.catalogue.swap(next);
        }
    }
}

std::size_t SharedCatalogue::cellOfThisThread() noexcept
{
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t cell = threads.fetch_add(1, std::memory_order_relaxed) % CELLS;
    return cell;
}

} // namespace tenon::plugin

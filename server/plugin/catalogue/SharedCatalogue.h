#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <array>
#include <atomic>
#include <cstddef>

namespace tenon::plugin
{

/// The current catalogue, read far more often than it changes: each reader thread takes its copy from one of several
/// cells, each with a reference count of its own, so that readers on different cores do not touch the same memory.
///
/// Threading: any thread; `set` one at a time.
class SharedCatalogue
{
public:
    [[nodiscard]] CataloguePtr get() const;

    /// Nothing keeps the predecessor after the return but those who took it.
    void set(const CataloguePtr& catalogue);

private:
    static constexpr std::size_t CELLS = 16;

    struct alignas(64) Cell
    {
        mutable std::atomic_flag busy = ATOMIC_FLAG_INIT; // guards `catalogue`, for the time of one copy
        CataloguePtr catalogue;
    };

    static std::size_t cellOfThisThread() noexcept;

    std::array<Cell, CELLS> _cells;
};

} // namespace tenon::plugin

#pragma once

#include <cstddef>

namespace tenon::tests
{

/// Counts the allocations of its thread for as long as it lives; one at a time.
class AllocationCounter
{
public:
    /// Sanitizers have allocation functions of their own, which must not be replaced by halves: there it counts
    /// nothing.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(_MSC_VER)
#define TENON_COUNTS_ALLOCATIONS 1
    static constexpr bool COUNTS = true;
#else
#define TENON_COUNTS_ALLOCATIONS 0
    static constexpr bool COUNTS = false;
#endif

    AllocationCounter();
    ~AllocationCounter();
    AllocationCounter(const AllocationCounter&) = delete;
    AllocationCounter& operator=(const AllocationCounter&) = delete;

    [[nodiscard]] std::size_t count() const;
    /// Whether it counts at the moment; for whoever does what is not to be counted.
    [[nodiscard]] bool& on() const;
};

} // namespace tenon::tests

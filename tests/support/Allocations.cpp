#include "support/Allocations.h"

#include <cstdlib>
#include <new>

namespace
{

thread_local bool counting = false;
thread_local std::size_t counted = 0;

} // namespace

#if TENON_COUNTS_ALLOCATIONS

void* operator new(std::size_t size)
{
    counted += counting ? 1 : 0;
    if (void* memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

#endif

namespace tenon::tests
{

AllocationCounter::AllocationCounter()
{
    counted = 0;
    counting = true;
}

AllocationCounter::~AllocationCounter()
{
    counting = false;
}

std::size_t AllocationCounter::count() const
{
    return counted;
}

bool& AllocationCounter::on() const
{
    return counting;
}

} // namespace tenon::tests

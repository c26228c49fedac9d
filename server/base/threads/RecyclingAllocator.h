#pragma once

#include "base/threads/ThreadStore.h"

#include <cstddef>
#include <new>

namespace tenon::base
{

/// Memory for objects of one type that come and go with every request: what a thread gives back it gets again
/// (`ThreadStore`).
///
/// Threading: any thread.
template <typename Value>
class RecyclingAllocator
{
    struct Blocks
    {
        using Object = void;
        static constexpr std::size_t MOST = 32;
        static void letGo(void* block) noexcept { ::operator delete(block); }
    };

public:
    using value_type = Value;

    RecyclingAllocator() = default;
    template <typename Other>
    RecyclingAllocator(const RecyclingAllocator<Other>&) noexcept
    {
    }

    [[nodiscard]] Value* allocate(std::size_t count)
    {
        static_assert(alignof(Value) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        void* const block = count == 1 ? ThreadStore<Blocks>::take() : nullptr;
        return static_cast<Value*>(block ? block : ::operator new(count * sizeof(Value)));
    }

    void deallocate(Value* block, std::size_t count) noexcept
    {
        if (count != 1 || !ThreadStore<Blocks>::keep(block))
            ::operator delete(block);
    }

    friend bool operator==(const RecyclingAllocator&, const RecyclingAllocator&) { return true; }
};

} // namespace tenon::base

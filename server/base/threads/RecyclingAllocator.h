#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace tenon::base
{

/// Memory for objects of one type that come and go with every request: what a thread gives back it gets again.
///
/// Each thread keeps a few blocks; a block goes to the thread that gives it back. With AddressSanitizer nothing is kept,
/// so that it sees who uses what has gone.
///
/// Threading: any thread.
template <typename Object>
class RecyclingAllocator
{
public:
    using value_type = Object;

    RecyclingAllocator() = default;
    template <typename Other>
    RecyclingAllocator(const RecyclingAllocator<Other>&) noexcept
    {
    }

    [[nodiscard]] Object* allocate(std::size_t count)
    {
        Kept& kept = ofThisThread();
        if (count == 1 && kept.count > 0)
            return static_cast<Object*>(kept.blocks[--kept.count]);
        return static_cast<Object*>(::operator new(count * sizeof(Object)));
    }

    void deallocate(Object* block, std::size_t count) noexcept
    {
        Kept& kept = ofThisThread();
        if (count == 1 && kept.count < kept.most)
            kept.blocks[kept.count++] = block;
        else
            ::operator delete(block);
    }

    friend bool operator==(const RecyclingAllocator&, const RecyclingAllocator&) { return true; }

private:
#if defined(__SANITIZE_ADDRESS__) || defined(__MINGW32__) // whose threads free what is thread_local before they end
    static constexpr std::size_t MOST = 0;
#else
    static constexpr std::size_t MOST = 32;
#endif

    /// Trivially destroyed, so that it may be used until the thread has gone; `Keeper` empties it before.
    struct Kept
    {
        std::array<void*, 32> blocks;
        std::size_t count;
        std::size_t most; ///< 0 before the thread has a keeper, and after
    };

    struct Keeper
    {
        explicit Keeper(Kept& of) : kept(of) { kept.most = MOST; }
        ~Keeper()
        {
            kept.most = 0;
            while (kept.count > 0)
                ::operator delete(kept.blocks[--kept.count]);
        }
        Keeper(const Keeper&) = delete;
        Keeper& operator=(const Keeper&) = delete;

        Kept& kept;
    };

    static Kept& ofThisThread()
    {
        static_assert(alignof(Object) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        thread_local Kept kept{};
        thread_local const Keeper keeper(kept);
        (void)keeper;
        return kept;
    }
};

} // namespace tenon::base

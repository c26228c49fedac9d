#pragma once

#include <array>
#include <cstddef>

namespace tenon::base
{

/// What comes and goes with every request: a thread gets again what it let go of, a few of each kind. With AddressSanitizer
/// nothing is kept, so that it sees who uses what has gone.
///
/// Shape:     `Kind` says what is kept: its `Object`, how many at `MOST`, and `letGo`, for those that a thread leaves behind.
///            If it has `sizeOf`, those of a thread have `MOST_SIZE` together.
/// Threading: any thread; what is kept goes to the thread that gives it.
template <typename Kind>
class ThreadStore
{
public:
    using Object = typename Kind::Object;

    /// Null if there is none.
    [[nodiscard]] static Object* take() noexcept
    {
        Kept& kept = ofThisThread();
        if (kept.count == 0)
            return nullptr;
        Object* const object = kept.objects[--kept.count];
        if constexpr (SIZED)
            kept.size -= Kind::sizeOf(object);
        return object;
    }

    /// False if it is not kept: there are enough, or the thread ends.
    [[nodiscard]] static bool keep(Object* object) noexcept
    {
        Kept& kept = ofThisThread();
        if (kept.count >= kept.most)
            return false;
        if constexpr (SIZED)
        {
            const std::size_t size = Kind::sizeOf(object);
            if (kept.size + size > Kind::MOST_SIZE)
                return false;
            kept.size += size;
        }
        kept.objects[kept.count++] = object;
        return true;
    }

private:
    static constexpr bool SIZED = requires { Kind::MOST_SIZE; };
#if defined(__SANITIZE_ADDRESS__) || defined(__MINGW32__) // whose threads free what is thread_local before they end
    static constexpr std::size_t MOST = 0;
#else
    static constexpr std::size_t MOST = Kind::MOST;
#endif

    /// Trivially destroyed, so that it may be used until the thread has gone; `Keeper` empties it before.
    struct Kept
    {
        std::array<Object*, Kind::MOST> objects;
        std::size_t count;
        std::size_t size;
        std::size_t most; ///< 0 before the thread has a keeper, and after
    };

    struct Keeper
    {
        explicit Keeper(Kept& of) : kept(of) { kept.most = MOST; }
        ~Keeper()
        {
            kept.most = 0;
            while (kept.count > 0)
                Kind::letGo(kept.objects[--kept.count]);
        }
        Keeper(const Keeper&) = delete;
        Keeper& operator=(const Keeper&) = delete;

        Kept& kept;
    };

    static Kept& ofThisThread()
    {
        thread_local Kept kept{};
        thread_local const Keeper keeper(kept);
        (void)keeper;
        return kept;
    }
};

} // namespace tenon::base

#ifndef TENON_DETAIL_STABLE_LIST_HPP
#define TENON_DETAIL_STABLE_LIST_HPP

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace tenon::detail
{

/// A list that only grows. An entry keeps its index and its address for life.
///
/// Threading: `find` and `size` on any thread, without a lock, while another thread appends. Appending is serialised by
///            the caller.
template <class T>
class StableList
{
public:
    StableList() = default;
    StableList(const StableList&) = delete;
    StableList& operator=(const StableList&) = delete;

    ~StableList()
    {
        for (Chunk* chunk = _first.next.load(); chunk;)
        {
            Chunk* const next = chunk->next.load();
            delete chunk;
            chunk = next;
        }
    }

    T& append(std::unique_ptr<T> entry)
    {
        const uint32_t index = _size.load(std::memory_order_relaxed);
        Chunk* chunk = &_first;
        for (uint32_t skip = index / CHUNK; skip > 0; --skip)
        {
            if (!chunk->next.load(std::memory_order_relaxed))
                chunk->next.store(new Chunk, std::memory_order_release);
            chunk = chunk->next.load(std::memory_order_relaxed);
        }
        T& added = *entry;
        chunk->entries[index % CHUNK] = std::move(entry);
        _size.store(index + 1, std::memory_order_release);
        return added;
    }

    uint32_t size() const { return _size.load(std::memory_order_acquire); }

    /// The entry at `index`, or null.
    T* find(uint32_t index) const
    {
        if (index >= size())
            return nullptr;
        const Chunk* chunk = &_first;
        for (uint32_t skip = index / CHUNK; skip > 0; --skip)
            chunk = chunk->next.load(std::memory_order_acquire);
        return chunk->entries[index % CHUNK].get();
    }

private:
    static constexpr uint32_t CHUNK = 64;

    struct Chunk
    {
        std::array<std::unique_ptr<T>, CHUNK> entries;
        std::atomic<Chunk*> next{nullptr};
    };

    Chunk _first;
    std::atomic<uint32_t> _size{0};
};

} // namespace tenon::detail

#endif

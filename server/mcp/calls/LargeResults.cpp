#include "mcp/calls/LargeResults.h"

#include "base/limits/LargeTurn.h"

#include <functional>

namespace tenon::mcp
{

namespace
{

constexpr std::uint64_t LEFT = 0xff; // the byte of a place that counts

/// Shape: the lowest byte is 0, the rest is not.
std::uint64_t keyOf(std::string_view holder, std::string_view name) noexcept
{
    const std::hash<std::string_view> hash;
    const std::uint64_t key = hash(holder) * 0x9e3779b97f4a7c15 + hash(name);
    return (key | (LEFT + 1)) & ~LEFT;
}

std::size_t placeOf(std::uint64_t key, std::size_t places) noexcept
{
    return (key >> 16) % places;
}

} // namespace

void LargeResults::note(std::string_view holder, std::string_view name, std::size_t bytes) noexcept
{
    const bool large = bytes >= base::LargeTurn::LARGE;
    if (!large && _count.load(std::memory_order_relaxed) == 0)
        return;
    const std::uint64_t key = keyOf(holder, name);
    std::atomic<std::uint64_t>& place = _places[placeOf(key, PLACES)];
    if (large)
    {
        if (place.exchange(key | SMALL_IN_A_ROW) == 0)
            _count.fetch_add(1);
        return;
    }
    std::uint64_t known = place.load();
    while ((known & ~LEFT) == key)
    {
        const std::uint64_t next = (known & LEFT) == 1 ? 0 : known - 1;
        if (!place.compare_exchange_weak(known, next))
            continue;
        if (next == 0)
            _count.fetch_sub(1);
        return;
    }
}

bool LargeResults::knows(std::string_view holder, std::string_view name) const noexcept
{
    const std::uint64_t key = keyOf(holder, name);
    return (_places[placeOf(key, PLACES)].load(std::memory_order_relaxed) & ~LEFT) == key;
}

} // namespace tenon::mcp

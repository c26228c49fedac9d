#include "mcp/calls/LargeResults.h"

#include "base/limits/LargeTurn.h"

#include <new>

namespace tenon::mcp
{

void LargeResults::note(std::string_view name, std::size_t bytes) noexcept
{
    const bool large = bytes >= base::LargeTurn::LARGE;
    if (!large && _count.load(std::memory_order_relaxed) == 0)
        return;
    const std::lock_guard lock(_mutex);
    const auto found = _names.find(name);
    if (found != _names.end())
    {
        if (large)
            found->second = SMALL_IN_A_ROW;
        else if (--found->second == 0)
            _names.erase(found);
    }
    else if (large && _names.size() < MOST)
    {
        try
        {
            _names.emplace(name, SMALL_IN_A_ROW);
        }
        catch (const std::bad_alloc&)
        {
            return;
        }
    }
    _count.store(_names.size(), std::memory_order_relaxed);
}

bool LargeResults::knows(std::string_view name) const noexcept
{
    const std::lock_guard lock(_mutex);
    return _names.find(name) != _names.end();
}

} // namespace tenon::mcp

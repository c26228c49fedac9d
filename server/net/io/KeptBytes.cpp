#include "net/io/KeptBytes.h"

#include "base/json/JsonDocument.h"

#include <algorithm>
#include <cstring>

namespace tenon::net
{

namespace
{

constexpr std::size_t AHEAD = 4; // times what has come is reserved on the sender's word, and no more

} // namespace

bool KeptBytes::append(std::span<const char> bytes, std::size_t wanted)
{
    const std::size_t total = _size + bytes.size();
    if (total > _capacity - _begin)
    {
        const std::size_t capacity = std::max(total, std::min(wanted, total * AHEAD));
        const std::size_t all = capacity + base::JsonDocument::PADDING;
        if (!_share.tryResize(all))
            return false;
        std::unique_ptr<char[]> fresh(new char[all]);
        if (_size > 0)
            std::memcpy(fresh.get(), _bytes.get() + _begin, _size);
        _bytes = std::move(fresh);
        _capacity = capacity;
        _begin = 0;
    }
    if (!bytes.empty())
        std::memcpy(_bytes.get() + _begin + _size, bytes.data(), bytes.size());
    _size = total;
    return true;
}

void KeptBytes::drop(std::size_t count)
{
    _begin += count;
    _size -= count;
}

} // namespace tenon::net

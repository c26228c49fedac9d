#include "schema/program/NameTable.h"

#include <cstring>

namespace tenon::schema
{

namespace
{

/// Length and both ends: what tells the names of one schema apart. Collisions cost a probe; the names in the table are
/// the schema's own, so a client cannot lengthen the probing.
std::uint64_t quickHash(std::string_view name) noexcept
{
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    const std::size_t size = name.size();
    const char* const text = name.data();
    // Copies of a fixed size are single loads; the two may overlap.
    if (size >= 8)
    {
        std::memcpy(&head, text, 8);
        std::memcpy(&tail, text + size - 8, 8);
    }
    else if (size >= 4)
    {
        std::memcpy(&head, text, 4);
        std::memcpy(&tail, text + size - 4, 4);
    }
    else if (size > 0)
    {
        head = static_cast<unsigned char>(text[0]) |
               static_cast<std::uint64_t>(static_cast<unsigned char>(text[size / 2])) << 8;
        tail = static_cast<unsigned char>(text[size - 1]);
    }
    std::uint64_t hash = (head ^ (tail << 7) ^ (tail >> 57) ^ size) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 32);
}

} // namespace

std::uint32_t NameTable::add(std::string_view name)
{
    const std::uint32_t known = find(name);
    if (known != NOT_FOUND)
        return known;
    const auto number = static_cast<std::uint32_t>(_names.size());
    _names.push_back(name);
    if (_names.size() > FEW)
    {
        if (_names.size() * 2 > _slots.size())
            rehash();
        else
            _slots[slotOf(name)] = number;
    }
    return number;
}

std::uint32_t NameTable::find(std::string_view name) const noexcept
{
    if (_slots.empty())
    {
        for (std::size_t i = 0; i < _names.size(); ++i)
            if (_names[i].size() == name.size() && std::memcmp(_names[i].data(), name.data(), name.size()) == 0)
                return static_cast<std::uint32_t>(i);
        return NOT_FOUND;
    }
    return _slots[slotOf(name)];
}

std::size_t NameTable::slotOf(std::string_view name) const noexcept
{
    const std::size_t mask = _slots.size() - 1;
    std::size_t slot = quickHash(name) & mask;
    while (_slots[slot] != NOT_FOUND && _names[_slots[slot]] != name)
        slot = (slot + 1) & mask;
    return slot;
}

void NameTable::rehash()
{
    std::size_t size = 32;
    while (size < _names.size() * 4)
        size *= 2;
    _slots.assign(size, NOT_FOUND);
    for (std::size_t i = 0; i < _names.size(); ++i)
        _slots[slotOf(_names[i])] = static_cast<std::uint32_t>(i);
}

} // namespace tenon::schema

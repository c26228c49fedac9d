#include "net/http/RequestHead.h"

#include "base/text/Ascii.h"

#include <cstring>

namespace tenon::net
{

namespace
{

/// Length, first and last character of a name, without case: different for names that differ in one of them.
constexpr std::uint32_t markOf(std::string_view name) noexcept
{
    if (name.empty())
        return 0;
    const auto folded = [](char c) { return static_cast<std::uint32_t>(static_cast<unsigned char>(c) | 0x20U); };
    return static_cast<std::uint32_t>(name.size()) << 16 | folded(name.front()) << 8 | folded(name.back());
}

/// One of 64 bits for a mark.
constexpr std::uint64_t bitOf(std::uint32_t mark) noexcept
{
    return std::uint64_t(1) << (mark * 0x9E3779B1U >> 26);
}

} // namespace

bool RequestHead::has(std::string_view name) const
{
    const std::uint32_t mark = markOf(name);
    if ((_present & bitOf(mark)) == 0)
        return false;
    for (std::size_t i = 0; i < _count; ++i)
        if (_marks[i] == mark && base::equalsIgnoringCase(_fields[i].name, name))
            return true;
    return false;
}

bool RequestHead::header(std::string_view name, std::string_view& value) const
{
    bool found = false;
    bool joining = false;
    const std::uint32_t mark = markOf(name);
    if ((_present & bitOf(mark)) == 0)
        return false;
    for (std::size_t i = 0; i < _count; ++i)
    {
        if (_marks[i] != mark)
            continue;
        const Field& field = _fields[i];
        if (!base::equalsIgnoringCase(field.name, name))
            continue;
        if (!found)
        {
            value = field.value;
            found = true;
            continue;
        }
        if (!joining)
        {
            _joined.emplace_back(value);
            joining = true;
        }
        _joined.back().append(", ").append(field.value);
        value = _joined.back();
    }
    return found;
}

std::string_view RequestHead::header(std::string_view name) const
{
    std::string_view value;
    return header(name, value) ? value : std::string_view();
}

void RequestHead::clear()
{
    method = target = path = query = {};
    contentLength = 0;
    length = 0;
    minorVersion = 1;
    chunked = false;
    keepAlive = true;
    expectsContinue = false;
    _count = 0;
    _present = 0;
    if (!_joined.empty())
        _joined.clear();
}

bool RequestHead::addField(std::string_view name, std::string_view value)
{
    if (_count == MAX_FIELDS)
        return false;
    _marks[_count] = markOf(name);
    _present |= bitOf(_marks[_count]);
    _fields[_count++] = {name, value};
    return true;
}

} // namespace tenon::net

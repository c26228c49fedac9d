#include "mcp/cluster/Letter.h"

#include <Poco/NumberParser.h>

#include <algorithm>

namespace tenon::mcp
{

Letter& Letter::add(std::string_view field)
{
    _fields.emplace_back(field);
    return *this;
}

std::string Letter::text() const
{
    std::string text = _kind + '\n';
    for (const auto& field : _fields)
        text.append(std::to_string(field.size())).append(1, ':').append(field);
    return text;
}

bool Letter::read(std::string_view text, Letter& letter)
{
    letter = Letter();
    const auto line = text.find('\n');
    if (line == std::string_view::npos)
        return false;
    Letter found(text.substr(0, line));
    text.remove_prefix(line + 1);
    while (!text.empty())
    {
        const auto colon = text.find(':');
        Poco::UInt64 size = 0;
        if (colon == std::string_view::npos ||
            !Poco::NumberParser::tryParseUnsigned64(std::string(text.substr(0, colon)), size) ||
            size > text.size() - colon - 1)
            return false;
        found.add(text.substr(colon + 1, size));
        text.remove_prefix(colon + 1 + size);
    }
    letter = std::move(found);
    return true;
}

const std::string& Letter::field(std::size_t at) const
{
    static const std::string nothing;
    return at < _fields.size() ? _fields[at] : nothing;
}

std::vector<std::string> Letter::fields(std::size_t from) const
{
    const auto first = _fields.begin() + static_cast<std::ptrdiff_t>(std::min(from, _fields.size()));
    return {first, _fields.end()};
}

std::uint64_t Letter::number(std::size_t at) const
{
    Poco::UInt64 value = 0;
    return Poco::NumberParser::tryParseUnsigned64(field(at), value) ? value : 0;
}

} // namespace tenon::mcp

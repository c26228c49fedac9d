#pragma once

#include <string_view>

namespace tenon::schema
{

/// Classes of ASCII characters, whatever the locale.
namespace ascii
{

inline bool isDigit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

inline bool isAlpha(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

inline bool isAlnum(char c) noexcept
{
    return isAlpha(c) || isDigit(c);
}

inline bool contains(std::string_view set, char c) noexcept
{
    return set.find(c) != std::string_view::npos;
}

} // namespace ascii

} // namespace tenon::schema

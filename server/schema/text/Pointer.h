#pragma once

#include <string>
#include <string_view>

namespace tenon::schema
{

/// JSON pointers (RFC 6901), as text.
namespace pointer
{

/// Appends "/name" with '~' and '/' escaped.
inline void append(std::string& pointer, std::string_view name)
{
    pointer += '/';
    for (const char c : name)
    {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

inline std::string child(std::string_view pointer, std::string_view name)
{
    std::string out(pointer);
    append(out, name);
    return out;
}

inline std::string child(std::string_view pointer, std::string_view keyword, std::string_view name)
{
    std::string out = child(pointer, keyword);
    append(out, name);
    return out;
}

inline std::string child(std::string_view pointer, std::string_view keyword, std::size_t index)
{
    return child(pointer, keyword, std::to_string(index));
}

} // namespace pointer

} // namespace tenon::schema

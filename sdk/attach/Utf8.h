#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::attach
{

/// The length of the character at `at`, or 0 if there is no valid one.
inline std::size_t characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) -> std::uint32_t
    { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    const std::uint32_t first = byte(0);
    if (first < 0x80)
        return 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    std::uint32_t code = first & (0xffu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
    {
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (byte(i) & 0x3f);
    }
    static constexpr std::uint32_t LOWEST[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool good =
        first >= 0xc2 && first < 0xf5 && code >= LOWEST[size] && code <= 0x10ffff && (code < 0xd800 || code >= 0xe000);
    return good ? size : 0;
}

inline bool isUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();)
    {
        const std::size_t size = characterAt(text, at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

inline void appendUtf8(std::string& out, std::uint32_t code)
{
    if (code < 0x80)
        out += static_cast<char>(code);
    else if (code < 0x800)
    {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
    else
    {
        if (code < 0x10000)
            out += static_cast<char>(0xe0 | code >> 12);
        else
        {
            out += static_cast<char>(0xf0 | code >> 18);
            out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        }
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

} // namespace tenon::attach

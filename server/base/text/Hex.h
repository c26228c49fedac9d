#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::base
{

// Hexadecimal digits. Written in lower case, read in either. Threading: any thread, all functions.

inline constexpr std::string_view HEX_DIGITS = "0123456789abcdef";

/// What a digit stands for; -1 if it is none.
[[nodiscard]] constexpr int hexValue(char digit) noexcept
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

[[nodiscard]] constexpr bool isHex(char letter) noexcept
{
    return hexValue(letter) >= 0;
}

/// Appends the two digits of one byte.
inline void appendHex(std::string& out, char byte)
{
    const auto value = static_cast<unsigned char>(byte);
    out += HEX_DIGITS[value >> 4];
    out += HEX_DIGITS[value & 15];
}

[[nodiscard]] std::string toHex(std::string_view bytes);

/// Shape: false, with `bytes` undefined, unless `digits` is exactly two digits for each of `bytes`.
[[nodiscard]] bool fromHex(std::string_view digits, std::span<std::uint8_t> bytes);

} // namespace tenon::base

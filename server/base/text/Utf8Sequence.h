#pragma once

#include <cstddef>
#include <string_view>

namespace tenon::base
{

/// The length of the UTF-8 sequence of two to four bytes at `at`, 0 if it is none. Overlong forms and surrogates are none.
inline std::size_t utf8SequenceAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[at + index]); };
    const auto continues = [&](std::size_t index) { return (byte(index) & 0xC0) == 0x80; };
    const std::size_t left = text.size() - at;
    const unsigned char first = byte(0);
    if (first >= 0xC2 && first <= 0xDF)
        return left >= 2 && continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF)
    {
        if (left < 3 || !continues(1) || !continues(2))
            return 0;
        if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F))
            return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4)
    {
        if (left < 4 || !continues(1) || !continues(2) || !continues(3))
            return 0;
        if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

} // namespace tenon::base

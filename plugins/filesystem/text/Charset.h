#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Which characters the bytes of a file stand for.

namespace tenon::filesystem
{

enum class Charset
{
    BINARY,
    UTF_8,
    UTF_16LE,
    UTF_16BE,
    WINDOWS_1252 ///< and ISO 8859-1, which has the same letters
};

/// "UTF-8", "UTF-16LE", ...
const char* nameOf(Charset charset);

/// What a file that begins with `head` is probably written in, by its byte order mark, its NULs and whether it is valid
/// UTF-8. A character cut at the end of `head` is no fault.
Charset charsetOf(std::string_view head);

/// How many bytes of `head` are a byte order mark.
std::size_t byteOrderMark(std::string_view head, Charset charset);

/// How many bytes before `at` the character begins that `at` lies in; 0 if one begins there. `data` has at least three
/// bytes before `at`, or all that there are.
std::size_t bytesIntoCharacter(std::string_view data, std::size_t at, Charset charset);

struct Decoded
{
    std::string text;         ///< UTF-8
    std::size_t used = 0;     ///< bytes that it stands for: all, but for a character that was cut
    std::size_t replaced = 0; ///< faults that became U+FFFD
};

/// `data` as UTF-8. If `more` follows, a character that is cut at the end is left to the next part.
Decoded decode(std::string_view data, Charset charset, bool more);

/// The index behind the next end of a line from `at`, or npos. `at` lies between characters.
std::size_t afterNewline(std::string_view data, std::size_t at, Charset charset);

} // namespace tenon::filesystem

#include "base/text/Base64.h"

#include <array>

namespace tenon::base
{

namespace
{

constexpr unsigned char NO_DIGIT = 64;

/// An alphabet, and the value of each of its letters by its byte.
struct Alphabet
{
    std::string_view letters;
    std::array<unsigned char, 256> values{};

    constexpr explicit Alphabet(std::string_view text) : letters(text)
    {
        values.fill(NO_DIGIT);
        for (std::size_t value = 0; value < letters.size(); ++value)
            values[static_cast<unsigned char>(letters[value])] = static_cast<unsigned char>(value);
    }
};

constexpr Alphabet STANDARD("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
constexpr Alphabet URL_SAFE("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

void append(std::string& out, std::string_view bytes, const Alphabet& alphabet)
{
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() * 4 + 2) / 3);
    char* to = out.data() + start;
    std::size_t at = 0;
    const auto byte = [&](std::size_t index)
    { return static_cast<unsigned>(static_cast<unsigned char>(bytes[index])); };
    for (; at + 3 <= bytes.size(); at += 3)
    {
        const unsigned triple = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        *to++ = alphabet.letters[triple >> 18];
        *to++ = alphabet.letters[triple >> 12 & 63];
        *to++ = alphabet.letters[triple >> 6 & 63];
        *to++ = alphabet.letters[triple & 63];
    }
    if (at == bytes.size())
        return;
    const bool two = at + 2 == bytes.size();
    const unsigned rest = byte(at) << 16 | (two ? byte(at + 1) << 8 : 0U);
    *to++ = alphabet.letters[rest >> 18];
    *to++ = alphabet.letters[rest >> 12 & 63];
    if (two)
        *to++ = alphabet.letters[rest >> 6 & 63];
}

bool read(std::string_view text, const Alphabet& alphabet, std::string& bytes)
{
    bytes.clear();
    bytes.reserve(text.size() / 4 * 3 + 3);
    unsigned buffer = 0, bits = 0;
    for (const char letter : text)
    {
        const unsigned value = alphabet.values[static_cast<unsigned char>(letter)];
        if (value == NO_DIGIT)
            return false;
        buffer = buffer << 6 | value;
        bits += 6;
        if (bits >= 8)
        {
            bits -= 8;
            bytes += static_cast<char>(buffer >> bits & 255);
        }
    }
    return bits < 6 && (buffer & ((1U << bits) - 1)) == 0; // the last letter's spare bits are zero in one text only
}

} // namespace

void appendBase64(std::string& out, std::string_view bytes)
{
    append(out, bytes, STANDARD);
    out.append((3 - bytes.size() % 3) % 3, '=');
}

std::string toBase64(std::string_view bytes)
{
    std::string text;
    appendBase64(text, bytes);
    return text;
}

std::string toBase64Url(std::string_view bytes)
{
    std::string text;
    append(text, bytes, URL_SAFE);
    return text;
}

bool fromBase64(std::string_view text, std::string& bytes)
{
    if (text.size() % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    return read(text, STANDARD, bytes);
}

bool fromBase64Url(std::string_view text, std::string& bytes)
{
    return read(text, URL_SAFE, bytes);
}

} // namespace tenon::base

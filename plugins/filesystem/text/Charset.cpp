#include "filesystem/text/Charset.h"

#include "filesystem/text/Text.h"

#include <algorithm>
#include <array>

namespace tenon::filesystem
{

namespace
{

constexpr std::string_view REPLACEMENT = "\xEF\xBF\xBD";

// What windows-1252 has where ISO 8859-1 has control characters, from 0x80. Spec: WHATWG Encoding, windows-1252.
constexpr std::array<char16_t, 32> C1 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                         0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                         0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append(std::string& text, char32_t character)
{
    const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
    if (character < 0x80)
        add(character);
    else if (character < 0x800)
    {
        add(0xC0 | character >> 6);
        add(0x80 | (character & 0x3F));
    }
    else if (character < 0x10000)
    {
        add(0xE0 | character >> 12);
        add(0x80 | (character >> 6 & 0x3F));
        add(0x80 | (character & 0x3F));
    }
    else
    {
        add(0xF0 | character >> 18);
        add(0x80 | (character >> 12 & 0x3F));
        add(0x80 | (character >> 6 & 0x3F));
        add(0x80 | (character & 0x3F));
    }
}

bool isWide(Charset charset)
{
    return charset == Charset::UTF_16LE || charset == Charset::UTF_16BE;
}

char16_t unitAt(std::string_view data, std::size_t at, Charset charset)
{
    const auto first = static_cast<unsigned char>(data[at]);
    const auto second = static_cast<unsigned char>(data[at + 1]);
    return static_cast<char16_t>(charset == Charset::UTF_16LE ? second << 8 | first : first << 8 | second);
}

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

bool isHigh(char16_t unit)
{
    return (unit & 0xFC00) == 0xD800;
}

bool isLow(char16_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

/// Control characters that texts do not have.
bool isUnprintable(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && (byte < 0x08 || byte > 0x0D) && byte != 0x1B) || byte == 0x7F;
}

/// Texts that are mostly Latin have a NUL in every second byte: in the odd ones if the low byte comes first.
Charset guessWide(std::string_view head)
{
    const std::size_t pairs = head.size() / 2;
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t at = 0; at < 2 * pairs; ++at)
        (at % 2 ? odd : even) += head[at] == '\0';
    const Charset guess = odd * 2 > pairs && even == 0   ? Charset::UTF_16LE
                          : even * 2 > pairs && odd == 0 ? Charset::UTF_16BE
                                                         : Charset::BINARY;
    if (guess == Charset::BINARY || pairs < 2)
        return Charset::BINARY;
    for (std::size_t at = 0; at + 1 < head.size(); at += 2)
    {
        const char16_t unit = unitAt(head, at, guess);
        if (unit < 0x80 && isUnprintable(static_cast<char>(unit)))
            return Charset::BINARY;
    }
    return guess;
}

Decoded decodeUtf8(std::string_view data, bool more)
{
    Decoded decoded;
    decoded.used = more && endsInsideCharacter(data) ? validUtf8Prefix(data) : data.size();
    const std::string_view whole = data.substr(0, decoded.used);
    for (std::size_t at = 0; at < whole.size();)
    {
        const std::size_t valid = validUtf8Prefix(whole.substr(at));
        decoded.text.append(whole.substr(at, valid));
        at += valid;
        if (at == whole.size())
            break;
        decoded.text += REPLACEMENT;
        ++decoded.replaced;
        ++at;
    }
    return decoded;
}

Decoded decodeWide(std::string_view data, Charset charset, bool more)
{
    Decoded decoded;
    std::size_t at = 0;
    while (at + 1 < data.size())
    {
        const char16_t unit = unitAt(data, at, charset);
        if (isHigh(unit) && at + 3 < data.size() && isLow(unitAt(data, at + 2, charset)))
        {
            const char32_t high = unit & 0x3FFu;
            append(decoded.text, 0x10000 + (high << 10 | (unitAt(data, at + 2, charset) & 0x3FFu)));
            at += 4;
            continue;
        }
        if (isHigh(unit) && at + 3 >= data.size() && more)
            break;
        if (isHigh(unit) || isLow(unit))
        {
            decoded.text += REPLACEMENT;
            ++decoded.replaced;
        }
        else
            append(decoded.text, unit);
        at += 2;
    }
    if (!more && at < data.size())
    {
        decoded.text += REPLACEMENT;
        ++decoded.replaced;
        at = data.size();
    }
    decoded.used = at;
    return decoded;
}

} // namespace

const char* nameOf(Charset charset)
{
    switch (charset)
    {
    case Charset::UTF_8:
        return "UTF-8";
    case Charset::UTF_16LE:
        return "UTF-16LE";
    case Charset::UTF_16BE:
        return "UTF-16BE";
    case Charset::WINDOWS_1252:
        return "windows-1252";
    default:
        return "binary";
    }
}

Charset charsetOf(std::string_view head)
{
    using std::string_view_literals::operator""sv;
    if (head.substr(0, 3) == "\xEF\xBB\xBF"sv)
        return Charset::UTF_8;
    if (head.substr(0, 4) == "\xFF\xFE\0\0"sv)
        return Charset::BINARY; // UTF-32: nobody has it
    if (head.substr(0, 2) == "\xFF\xFE"sv)
        return Charset::UTF_16LE;
    if (head.substr(0, 2) == "\xFE\xFF"sv)
        return Charset::UTF_16BE;
    if (head.find('\0') != std::string_view::npos)
        return guessWide(head);
    if (looksLikeText(head))
        return Charset::UTF_8;
    if (std::any_of(head.begin(), head.end(), isUnprintable))
        return Charset::BINARY;
    // UTF-8 with a fault, or something else? Letters of other charsets are hardly ever valid sequences of UTF-8.
    const Decoded decoded = decodeUtf8(head, true);
    std::size_t whole = 0;
    for (const char c : decoded.text)
        whole += (static_cast<unsigned char>(c) & 0xC0) == 0xC0;
    return whole - decoded.replaced > decoded.replaced ? Charset::UTF_8 : Charset::WINDOWS_1252;
}

std::size_t byteOrderMark(std::string_view head, Charset charset)
{
    if (charset == Charset::UTF_8)
        return head.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    return isWide(charset) && head.size() >= 2 && unitAt(head, 0, charset) == 0xFEFF ? 2 : 0;
}

std::size_t bytesIntoCharacter(std::string_view data, std::size_t at, Charset charset)
{
    if (isWide(charset))
    {
        const std::size_t odd = at % 2;
        const std::size_t unit = at - odd;
        const bool second = unit >= 2 && unit + 1 < data.size() && isLow(unitAt(data, unit, charset)) &&
                            isHigh(unitAt(data, unit - 2, charset));
        return odd + (second ? 2 : 0);
    }
    if (charset != Charset::UTF_8 || at >= data.size() || !isContinuation(data[at]))
        return 0;
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, at); ++back)
    {
        const std::string_view from = data.substr(at - back);
        if (isContinuation(from.front()))
            continue;
        const std::size_t whole = static_cast<unsigned char>(from.front()) >= 0xF0   ? 4
                                  : static_cast<unsigned char>(from.front()) >= 0xE0 ? 3
                                                                                     : 2;
        const bool valid = validUtf8Prefix(from.substr(0, whole)) > 1 || endsInsideCharacter(from.substr(0, whole));
        return valid && whole > back ? back : 0;
    }
    return 0;
}

Decoded decode(std::string_view data, Charset charset, bool more)
{
    if (charset == Charset::UTF_8)
        return decodeUtf8(data, more);
    if (isWide(charset))
        return decodeWide(data, charset, more);
    Decoded decoded;
    decoded.used = data.size();
    for (const char c : data)
    {
        const auto byte = static_cast<unsigned char>(c);
        append(decoded.text, byte >= 0x80 && byte < 0xA0 ? C1[byte - 0x80] : byte);
    }
    return decoded;
}

std::size_t afterNewline(std::string_view data, std::size_t at, Charset charset)
{
    if (!isWide(charset))
    {
        const std::size_t found = data.find('\n', at);
        return found == std::string_view::npos ? found : found + 1;
    }
    for (; at + 1 < data.size(); at += 2)
        if (unitAt(data, at, charset) == u'\n')
            return at + 2;
    return std::string_view::npos;
}

} // namespace tenon::filesystem

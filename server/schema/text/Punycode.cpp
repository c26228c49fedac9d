#include "schema/text/Punycode.h"

#include "schema/text/Ascii.h"

#include <algorithm>
#include <cstdint>

namespace tenon::schema::punycode
{

namespace
{

constexpr std::uint32_t BASE = 36;
constexpr std::uint32_t T_MIN = 1;
constexpr std::uint32_t T_MAX = 26;
constexpr std::uint32_t SKEW = 38;
constexpr std::uint32_t DAMP = 700;
constexpr std::uint32_t FIRST_BIAS = 72;
constexpr char32_t FIRST_CODE = 0x80;

std::uint32_t adapt(std::uint64_t delta, std::size_t points, bool first)
{
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    std::uint32_t k = 0;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + static_cast<std::uint32_t>((BASE - T_MIN + 1) * delta / (delta + SKEW));
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias)
{
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

int digitValue(char c)
{
    if (ascii::isDigit(c))
        return c - '0' + 26;
    return ascii::isAlpha(c) ? (c | 0x20) - 'a' : -1;
}

char digit(std::uint64_t value)
{
    return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

/// One number of variable length, added to `index`; false if there is none.
bool readDelta(std::string_view text, std::size_t& at, std::uint32_t bias, std::uint64_t& index)
{
    std::uint64_t weight = 1;
    for (std::uint32_t k = BASE;; k += BASE)
    {
        if (at == text.size())
            return false;
        const int value = digitValue(text[at++]);
        if (value < 0)
            return false;
        index += static_cast<std::uint64_t>(value) * weight;
        if (index > UINT32_MAX)
            return false;
        const std::uint32_t t = threshold(k, bias);
        if (static_cast<std::uint32_t>(value) < t)
            return true;
        weight *= BASE - t;
        if (weight > UINT32_MAX)
            return false;
    }
}

void writeDelta(std::string& out, std::uint64_t delta, std::uint32_t bias)
{
    for (std::uint32_t k = BASE;; k += BASE)
    {
        const std::uint32_t t = threshold(k, bias);
        if (delta < t)
            break;
        out += digit(t + (delta - t) % (BASE - t));
        delta = (delta - t) / (BASE - t);
    }
    out += digit(delta);
}

} // namespace

std::optional<std::u32string> decode(std::string_view encoded)
{
    std::u32string out;
    const std::size_t hyphen = encoded.rfind('-');
    if (hyphen != std::string_view::npos)
    {
        out.assign(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(hyphen));
        encoded = encoded.substr(hyphen + 1);
    }
    std::uint64_t code = FIRST_CODE;
    std::uint64_t index = 0;
    std::uint32_t bias = FIRST_BIAS;
    bool first = true;
    for (std::size_t at = 0; at < encoded.size();)
    {
        const std::uint64_t before = index;
        if (!readDelta(encoded, at, bias, index))
            return std::nullopt;
        const std::size_t points = out.size() + 1;
        bias = adapt(index - before, points, first);
        first = false;
        code += index / points;
        index %= points;
        if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return std::nullopt;
        out.insert(out.begin() + static_cast<std::ptrdiff_t>(index), static_cast<char32_t>(code));
        ++index;
    }
    return out;
}

std::string encode(std::u32string_view text)
{
    std::string out;
    for (const char32_t c : text)
        if (c < FIRST_CODE)
            out += static_cast<char>(c);
    std::size_t handled = out.size();
    if (handled > 0)
        out += '-';
    std::uint64_t delta = 0;
    std::uint32_t bias = FIRST_BIAS;
    bool first = true;
    for (char32_t code = FIRST_CODE; handled < text.size(); ++code)
    {
        char32_t next = 0x10FFFF;
        for (const char32_t c : text)
            if (c >= code)
                next = std::min(next, c);
        delta += static_cast<std::uint64_t>(next - code) * (handled + 1);
        code = next;
        for (const char32_t c : text)
        {
            delta += c < code ? 1 : 0;
            if (c != code)
                continue;
            writeDelta(out, delta, bias);
            bias = adapt(delta, handled + 1, first);
            first = false;
            delta = 0;
            ++handled;
        }
        ++delta;
    }
    return out;
}

} // namespace tenon::schema::punycode

#include "base/json/JsonWriter.h"

#include "base/json/BigNumber.h"
#include "base/json/JsonDocument.h"
#include "base/text/Base64.h"
#include "base/text/Hex.h"
#include "base/text/Utf8Sequence.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::base
{

namespace
{

// 0: as it stands; 1: control character, quote or backslash; 2: first byte of a longer UTF-8 sequence or a stray one.
constexpr std::array<unsigned char, 256> classes()
{
    std::array<unsigned char, 256> table{};
    for (int byte = 0; byte < 0x20; ++byte)
        table[static_cast<std::size_t>(byte)] = 1;
    table['"'] = 1;
    table['\\'] = 1;
    for (int byte = 0x80; byte < 0x100; ++byte)
        table[static_cast<std::size_t>(byte)] = 2;
    return table;
}

constexpr auto CLASS = classes();
constexpr std::size_t SHORT_TEXT = 126;
constexpr std::string_view REPLACEMENT = "\xEF\xBF\xBD";

/// Writes the escape of a byte of class 1; returns its length, six at most.
std::size_t writeEscape(char* out, unsigned char byte)
{
    const char letter = byte == '\n' ? 'n' : byte == '\r' ? 'r' : byte == '\t' ? 't' : static_cast<char>(byte);
    out[0] = '\\';
    if (byte >= 0x20 || letter != static_cast<char>(byte))
    {
        out[1] = letter;
        return 2;
    }
    std::memcpy(out + 1, "u00", 3);
    out[4] = HEX_DIGITS[byte >> 4];
    out[5] = HEX_DIGITS[byte & 15];
    return 6;
}

/// The bytes of a word that do not stand as they are, as their highest bits; exact up to the first of them.
std::uint64_t specialBytes(std::uint64_t word)
{
    constexpr std::uint64_t ONES = 0x0101010101010101U, HIGH = 0x8080808080808080U;
    const auto zeroes = [](std::uint64_t bytes) { return (bytes - ONES) & ~bytes; };
    return (((word - ONES * 0x20) & ~word) | zeroes(word ^ (ONES * '"')) | zeroes(word ^ (ONES * '\\')) | word) & HIGH;
}

/// How many bytes from `at` on stand as they are.
std::size_t plainRun(std::string_view text, std::size_t at)
{
    const std::size_t begin = at;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    for (; at + 16 <= text.size(); at += 16)
    {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        // As signed bytes those from 0x80 on are below the space too.
        const __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), _mm_cmplt_epi8(bytes, space));
        if (const int mask = _mm_movemask_epi8(special))
            return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask))) - begin;
    }
#endif
    for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word)
    {
        std::memcpy(&word, text.data() + at, sizeof word);
        if (specialBytes(word) != 0)
            break;
    }
    // Words that overlap what has been looked at: most texts end there, and no byte of them is looked at by itself.
    const std::size_t left = text.size() - at;
    if (left > 0 && left < sizeof(std::uint64_t) && at - begin >= sizeof(std::uint64_t))
    {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + text.size() - sizeof word, sizeof word);
        if (specialBytes(word) == 0)
            return text.size() - begin;
    }
    else if (left >= sizeof(std::uint32_t) && left < sizeof(std::uint64_t))
    {
        std::uint32_t first = 0, last = 0;
        std::memcpy(&first, text.data() + at, sizeof first);
        std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
        if (specialBytes(first | (std::uint64_t(last) << 32)) == 0)
            return text.size() - begin;
    }
    while (at < text.size() && CLASS[static_cast<unsigned char>(text[at])] == 0)
        ++at;
    return at - begin;
}

/// Appends some bytes from `at` on, where escapes, or letters beyond ASCII, stand close together; returns where it
/// stopped.
std::size_t appendDense(std::string& out, std::string_view text, std::size_t at)
{
    std::array<char, 512> buffer;
    std::size_t used = 0;
    for (const std::size_t end = std::min(text.size(), at + 80); at < end;)
    {
        const auto byte = static_cast<unsigned char>(text[at]);
        std::size_t length = 1;
        if (CLASS[byte] == 1)
            used += writeEscape(&buffer[used], byte);
        else if (CLASS[byte] == 2 && (length = utf8SequenceAt(text, at)) == 0)
        {
            std::memcpy(&buffer[used], REPLACEMENT.data(), REPLACEMENT.size());
            used += REPLACEMENT.size();
            length = 1;
        }
        else
        {
            std::memcpy(&buffer[used], text.data() + at, length);
            used += length;
        }
        at += length;
    }
    out.append(buffer.data(), used);
    return at;
}

char* copyShort(std::string_view text, char* to)
{
    const std::size_t size = text.size();
    const auto both = [&](auto half) // the first and the last bytes, which may be the same
    {
        std::memcpy(&half, text.data(), sizeof half);
        std::memcpy(to, &half, sizeof half);
        std::memcpy(&half, text.data() + size - sizeof half, sizeof half);
        std::memcpy(to + size - sizeof half, &half, sizeof half);
    };
    if (size > 16)
        std::memcpy(to, text.data(), size);
    else if (size >= 8)
        both(std::uint64_t());
    else if (size >= 4)
        both(std::uint32_t());
    else
        std::copy(text.begin(), text.end(), to);
    return to + size;
}

/// A short text that stands as it is, in one piece; false if it is none. Most names are.
bool appendPlain(std::string& out, bool comma, std::string_view text, bool colon)
{
    if (text.size() > SHORT_TEXT || plainRun(text, 0) != text.size())
        return false;
    std::array<char, SHORT_TEXT + 4> piece;
    char* to = piece.data();
    if (comma)
        *to++ = ',';
    *to++ = '"';
    to = copyShort(text, to);
    *to++ = '"';
    if (colon)
        *to++ = ':';
    out.append(piece.data(), static_cast<std::size_t>(to - piece.data()));
    return true;
}

} // namespace

void JsonWriter::appendString(std::string& out, std::string_view text)
{
    if (appendPlain(out, false, text, false))
        return;
    out += '"';
    for (std::size_t at = 0; at < text.size();)
    {
        const std::size_t run = plainRun(text, at);
        out.append(text, at, run);
        at += run;
        if (at < text.size())
            at = appendDense(out, text, at);
    }
    out += '"';
}

void JsonWriter::appendKey(std::string& out, bool comma, std::string_view name)
{
    if (appendPlain(out, comma, name, true))
        return;
    if (comma)
        out += ',';
    appendString(out, name);
    out += ':';
}

void JsonWriter::separate()
{
    if (_comma)
        _out += ',';
    _comma = true;
}

JsonWriter& JsonWriter::open(char bracket)
{
    separate();
    _out += bracket;
    _comma = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket)
{
    _out += bracket;
    _comma = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name)
{
    appendKey(_out, _comma, name);
    _comma = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text)
{
    separate();
    appendString(_out, text);
    return *this;
}

JsonWriter& JsonWriter::value(double number)
{
    if (!std::isfinite(number))
        return null();
    separate();
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    _out.append(buffer, end);
    return *this;
}

JsonWriter& JsonWriter::signedInteger(std::int64_t number)
{
    separate();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    _out.append(buffer, end);
    return *this;
}

JsonWriter& JsonWriter::unsignedInteger(std::uint64_t number)
{
    separate();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    _out.append(buffer, end);
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json)
{
    separate();
    _out += json;
    return *this;
}

// Not recursive: a document may be nested a thousand levels deep, and threads have small stacks elsewhere.
JsonWriter& JsonWriter::value(const simdjson::dom::element& element)
{
    using simdjson::dom::element_type;
    switch (element.type())
    {
    case element_type::STRING:
    {
        const std::string_view text = element.get_string().value_unsafe();
        const auto number = BigNumbers::of(text);
        return number ? raw(*number) : value(text);
    }
    case element_type::INT64:
        return value(element.get_int64().value_unsafe());
    case element_type::UINT64:
        return value(element.get_uint64().value_unsafe());
    case element_type::DOUBLE:
        return value(element.get_double().value_unsafe());
    case element_type::BOOL:
        return value(element.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
        return null();
    case element_type::ARRAY:
    case element_type::OBJECT:
        return raw(toJson(element));
    }
    return null();
}

JsonWriter& JsonWriter::base64(const void* data, std::size_t size)
{
    separate();
    _out += '"';
    appendBase64(_out, {static_cast<const char*>(data), size});
    _out += '"';
    return *this;
}

} // namespace tenon::base

#include "base/JsonWriter.h"

#include "base/Base64.h"

#include <array>
#include <charconv>
#include <cmath>

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
constexpr char HEX[] = "0123456789abcdef";
constexpr std::string_view REPLACEMENT = "\xEF\xBF\xBD";

void appendEscape(std::string& out, unsigned char byte)
{
    switch (byte)
    {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        out += "\\u00";
        out += HEX[byte >> 4];
        out += HEX[byte & 15];
    }
}

/// The length of the UTF-8 sequence at `at`, 0 if it is none. Overlong forms and surrogates are none.
std::size_t sequenceAt(std::string_view text, std::size_t at)
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

} // namespace

void JsonWriter::appendString(std::string& out, std::string_view text)
{
    out += '"';
    std::size_t plain = 0; // where the run of bytes that stand as they are began
    std::size_t at = 0;
    while (at < text.size())
    {
        const unsigned char kind = CLASS[static_cast<unsigned char>(text[at])];
        if (kind == 0)
        {
            ++at;
            continue;
        }
        if (kind == 2)
        {
            if (const std::size_t length = sequenceAt(text, at))
            {
                at += length;
                continue;
            }
        }
        out.append(text, plain, at - plain);
        if (kind == 1)
            appendEscape(out, static_cast<unsigned char>(text[at]));
        else
            out += REPLACEMENT;
        plain = ++at;
    }
    out.append(text, plain, at - plain);
    out += '"';
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
    separate();
    appendString(_out, name);
    _out += ':';
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
        return value(element.get_string().value_unsafe());
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
        return raw(simdjson::to_string(element));
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

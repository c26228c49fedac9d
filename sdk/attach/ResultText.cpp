#include "ResultText.h"

#include "Utf8.h"

#include <charconv>
#include <cmath>

namespace tenon::attach
{

void ResultText::key(std::string_view name)
{
    if (_failed || _objects.empty() || !_objects.back() || _named)
        return refuse();
    if (_comma)
        _out += ',';
    quote(name);
    _out += ':';
    _named = true;
    _comma = false;
}

void ResultText::text(std::string_view value)
{
    if (!beginValue())
        return;
    quote(value);
    endValue();
}

void ResultText::integer(std::int64_t value)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    raw({digits, static_cast<std::size_t>(end.ptr - digits)});
}

void ResultText::number(double value)
{
    if (!std::isfinite(value))
    {
        if (_notRepresentable.empty())
            _notRepresentable = std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
        return refuse();
    }
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    raw({digits, static_cast<std::size_t>(end.ptr - digits)});
}

void ResultText::base64(const void* data, std::size_t size)
{
    static constexpr char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!beginValue())
        return;
    const auto* bytes = static_cast<const unsigned char*>(data);
    _out += '"';
    for (std::size_t at = 0; at < size; at += 3)
    {
        const std::size_t count = size - at < 3 ? size - at : 3;
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < count ? bytes[at + i] : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            _out += i <= count ? DIGITS[bits >> (18 - 6 * i) & 63] : '=';
    }
    _out += '"';
    endValue();
}

void ResultText::raw(std::string_view json)
{
    if (!beginValue())
        return;
    _out += json;
    endValue();
}

void ResultText::refuse(std::string_view why)
{
    _failed = true;
    if (_fault.empty())
        _fault = why;
}

void ResultText::reset()
{
    _out.clear();
    _fault.clear();
    _notRepresentable = {};
    _objects.clear();
    _comma = _named = _complete = _failed = false;
}

/// Whether a value may stand here; writes what goes before it.
bool ResultText::beginValue()
{
    if (_failed || _complete || (!_objects.empty() && _objects.back() && !_named))
    {
        refuse();
        return false;
    }
    if (_comma)
        _out += ',';
    _named = false;
    return true;
}

void ResultText::endValue()
{
    _comma = true;
    _complete = _objects.empty();
}

void ResultText::open(char bracket, bool object)
{
    if (_objects.size() >= MAX_DEPTH)
        refuse();
    if (!beginValue())
        return;
    _out += bracket;
    _objects.push_back(object);
    _comma = false;
}

void ResultText::close(char bracket, bool object)
{
    if (_failed || _objects.empty() || _objects.back() != object || _named)
        return refuse();
    _objects.pop_back();
    _out += bracket;
    endValue();
}

/// Invalid UTF-8 is replaced, a byte at a time.
void ResultText::quote(std::string_view text)
{
    static constexpr char HEX[] = "0123456789abcdef";
    _out += '"';
    for (std::size_t at = 0; at < text.size();)
    {
        const std::size_t size = characterAt(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        if (size == 0)
            appendUtf8(_out, 0xfffd);
        else if (byte == '"' || byte == '\\')
            (_out += '\\') += text[at];
        else if (byte == '\n')
            _out += "\\n";
        else if (byte < 0x20)
            ((_out += "\\u00") += HEX[byte >> 4]) += HEX[byte & 15];
        else
            _out += text.substr(at, size);
        at += size == 0 ? 1 : size;
    }
    _out += '"';
}

} // namespace tenon::attach

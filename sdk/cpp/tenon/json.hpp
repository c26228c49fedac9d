#ifndef TENON_JSON_HPP
#define TENON_JSON_HPP

#include <tenon/writer.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

namespace tenon
{

/// Writes JSON into a string of its own, for what is not the answer of a call: lists, schemas, questions, state.
///
/// Errors:    NotRepresentable for a number that JSON cannot hold; nesting is the caller's business.
/// Threading: one thread at a time.
class JsonWriter : public TypedWriter<JsonWriter>
{
public:
    JsonWriter& beginObject() { return open('{'); }
    JsonWriter& endObject() { return close('}'); }
    JsonWriter& beginArray() { return open('['); }
    JsonWriter& endArray() { return close(']'); }

    JsonWriter& key(std::string_view name)
    {
        separate();
        quote(name);
        _text += ':';
        _first = true;
        return *this;
    }

    JsonWriter& text(std::string_view value)
    {
        separate();
        quote(value);
        return *this;
    }

    JsonWriter& integer(int64_t value)
    {
        separate();
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value);
        _text.append(digits, end.ptr);
        return *this;
    }

    JsonWriter& number(double value)
    {
        detail::finite(value);
        separate();
        char digits[40];
#if defined(__cpp_lib_to_chars)
        const auto end = std::to_chars(digits, digits + sizeof digits, value);
        _text.append(digits, end.ptr);
#else
        int size = std::snprintf(digits, sizeof digits, "%.17g", value);
        for (int at = 0; at < size; ++at)
            _text += digits[at] == ',' ? '.' : digits[at];
#endif
        return *this;
    }

    JsonWriter& boolean(bool value)
    {
        return literal(value ? "true" : "false");
    }
    JsonWriter& null()
    {
        return literal("null");
    }
    JsonWriter& json(std::string_view json)
    {
        return literal(json);
    }
    JsonWriter& value(const Value& value)
    {
        return value.exists() ? literal(value.json()) : null();
    }

    JsonWriter& base64(std::string_view data)
    {
        static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        separate();
        _text += '"';
        for (std::size_t at = 0; at < data.size(); at += 3)
        {
            const std::size_t count = data.size() - at < 3 ? data.size() - at : 3;
            unsigned bits = 0;
            for (std::size_t i = 0; i < 3; ++i)
                bits = bits << 8 | (i < count ? static_cast<unsigned char>(data[at + i]) : 0u);
            for (std::size_t i = 0; i < 4; ++i)
                _text += i <= count ? DIGITS[bits >> (18 - 6 * i) & 63] : '=';
        }
        _text += '"';
        return *this;
    }

    const std::string& str() const
    {
        return _text;
    }
    std::string take()
    {
        return std::move(_text);
    }

private:
    JsonWriter& open(char bracket)
    {
        separate();
        _text += bracket;
        _first = true;
        return *this;
    }

    JsonWriter& close(char bracket)
    {
        _text += bracket;
        _first = false;
        return *this;
    }

    JsonWriter& literal(std::string_view json)
    {
        separate();
        _text += json;
        return *this;
    }

    void separate()
    {
        if (!_first)
            _text += ',';
        _first = false;
    }

    void quote(std::string_view text)
    {
        static const char HEX[] = "0123456789abcdef";
        _text += '"';
        for (const char c : text)
        {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\')
                (_text += '\\') += c;
            else if (c == '\n')
                _text += "\\n";
            else if (byte < 0x20)
                ((_text += "\\u00") += HEX[byte >> 4]) += HEX[byte & 15];
            else
                _text += c;
        }
        _text += '"';
    }

    std::string _text;
    bool _first = true;
};

/// The JSON text of any value that has a Codec.
template <class T>
Json toJson(const T& value)
{
    JsonWriter writer;
    writer.write(value);
    return Json{writer.take()};
}

} // namespace tenon

#endif

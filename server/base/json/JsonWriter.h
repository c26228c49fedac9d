#pragma once

#include <simdjson.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::base
{

/// Appends JSON text to a string. Commas are set by the writer; well-formedness is the caller's.
///
/// Errors:    none; invalid UTF-8 is replaced by U+FFFD, NaN and infinities become null.
/// Threading: one thread at a time.
/// Ownership: borrows `out`.
class JsonWriter
{
public:
    explicit JsonWriter(std::string& out) : _out(out) {}

    JsonWriter& beginObject() { return open('{'); }
    JsonWriter& endObject() { return close('}'); }
    JsonWriter& beginArray() { return open('['); }
    JsonWriter& endArray() { return close(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(double number);
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    JsonWriter& null() { return raw("null"); }

    template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>) JsonWriter& value(Integer number)
    {
        if constexpr (std::signed_integral<Integer>)
            return signedInteger(number);
        else
            return unsignedInteger(number);
    }

    /// A copy of a parsed value, without white space.
    JsonWriter& value(const simdjson::dom::element& element);

    /// Finished JSON text, as it stands.
    JsonWriter& raw(std::string_view json);

    /// A string of the base64 form of `size` bytes at `data`.
    JsonWriter& base64(const void* data, std::size_t size);

    template <typename Value>
    JsonWriter& member(std::string_view name, const Value& content)
    {
        key(name);
        return value(content);
    }

    JsonWriter& rawMember(std::string_view name, std::string_view json)
    {
        key(name);
        return raw(json);
    }

    /// Appends `text` as a quoted JSON string.
    static void appendString(std::string& out, std::string_view text);

    /// Appends a member's name, with the comma before it if there is to be one, and the colon behind it.
    static void appendKey(std::string& out, bool comma, std::string_view name);

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    JsonWriter& signedInteger(std::int64_t number);
    JsonWriter& unsignedInteger(std::uint64_t number);
    void separate();

    std::string& _out;
    bool _comma = false; ///< the next item of the current container needs one before it
};

} // namespace tenon::base

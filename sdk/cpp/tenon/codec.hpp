#ifndef TENON_CODEC_HPP
#define TENON_CODEC_HPP

#include <tenon/describe.hpp>
#include <tenon/errors.hpp>
#include <tenon/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

/// The C++ types that parameters, fields and results may have, as JSON:
///
///     bool                          boolean
///     integers                      integer, with the bounds of their type; what does not fit is refused
///     float, double                 number; what is beyond the type, or so near to 0 that it would be 0, is refused
///     std::string, std::string_view string (a view lives as long as the call)
///     described enum                string with "enum", or "oneOf" when every choice has a title
///     described struct              object
///     std::vector<T>                array
///     std::map<std::string, T>      object with any member names, likewise std::unordered_map
///     std::optional<T>              T, not required; null reads as nothing
///     tenon::Bytes                  string of base64 (written only)
///     tenon::Value, tenon::Json     anything (Value: read or copied; Json: written only)
///
/// A Codec has `schema(writer)`, which writes the members of the schema object, `read(value, place)`, which throws
/// InvalidParams, and `write(writer, value)`.

namespace tenon
{

/// Where in the arguments a value stands, for messages: `orders[2].amount`.
struct Place
{
    const Place* parent = nullptr;
    std::string_view member{};
    std::size_t element = 0;

    std::string path() const
    {
        std::string path = parent ? parent->path() : std::string();
        if (!member.data())
            return parent ? path + '[' + std::to_string(element) + ']' : path;
        return path.empty() ? std::string(member) : path + '.' + std::string(member);
    }
};

namespace detail
{

inline const char* nameOf(tenon_value_type type)
{
    static const char* const NAMES[] = {"nothing",  "null",   "a boolean", "an integer",
                                        "a number", "a text", "an array",  "an object"};
    return type >= 0 && type < 8 ? NAMES[type] : "something unknown";
}

[[noreturn]] inline void mismatch(const Place& place, const std::string& expected, const Value& value)
{
    const std::string path = place.path();
    throw InvalidParams((path.empty() ? std::string() : path + ": ") + "expected " + expected + ", found " +
                        nameOf(value.type()));
}

/// Whether a number is too near to 0 for a double, and would be read as 0.
inline bool vanishes(const Value& value)
{
    if (value.type() != TENON_VALUE_NUMBER || value.number() != 0)
        return false;
    const std::string text = value.json();
    return text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != std::string::npos;
}

[[noreturn]] inline void outOfRange(const Place& place, const Value& value)
{
    throw InvalidParams(place.path() + ": " + value.json() + " is out of range");
}

template <class T>
inline constexpr bool isOptional = false;
template <class T>
inline constexpr bool isOptional<std::optional<T>> = true;

/// The integer type behind T or std::optional<T>; void for all else.
template <class T>
struct IntegerIn
{
    using type = std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, T, void>;
};
template <class T>
struct IntegerIn<std::optional<T>> : IntegerIn<T>
{
};

/// Writes the bounds of an integer type: to JSON Schema 1e400 is an integer, too. Readers of JSON know no larger ones than
/// those of int64_t, so what goes beyond has no upper bound in its schema; results may use it.
template <class T, class W>
void writeBounds(W& writer, bool minimum = true, bool maximum = true)
{
    if (minimum)
        writer.key("minimum").integer(static_cast<int64_t>(std::numeric_limits<T>::min()));
    if (maximum && (std::is_signed_v<T> || sizeof(T) < sizeof(int64_t)))
        writer.key("maximum").integer(static_cast<int64_t>(std::numeric_limits<T>::max()));
}

template <class T>
inline constexpr bool neverTrue = false;

template <class T>
using ForInteger = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>;

} // namespace detail

template <class T, class Enable>
struct Codec
{
    static_assert(detail::neverTrue<T>, "this type has no JSON form: write `inline auto describe(tenon::Type<T>)` "
                                        "beside it (tenon/describe.hpp), or use a type listed in tenon/codec.hpp");
};

template <>
struct Codec<bool>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "boolean");
    }

    static bool read(const Value& value, const Place& place)
    {
        if (!value.isBoolean())
            detail::mismatch(place, "a boolean", value);
        return value.boolean();
    }

    template <class W>
    static void write(W& writer, bool value)
    {
        writer.boolean(value);
    }
};

template <class T>
struct Codec<T, detail::ForInteger<T>>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "integer");
        detail::writeBounds<T>(writer);
    }

    static T read(const Value& value, const Place& place)
    {
        const int64_t integer = value.integer();
        const tenon_value_type type = value.type();
        // 3.0 is an integer in JSON Schema, and the host hands it over as a number.
        if (type != TENON_VALUE_INTEGER &&
            !(type == TENON_VALUE_NUMBER &&
              std::abs(value.number()) < 9223372036854775808.0 && // 2^63: below, it is exact
              value.number() == static_cast<double>(integer)))
        {
            if (value.isNumber() && !(std::abs(value.number()) < 9223372036854775808.0))
                detail::outOfRange(place, value);
            detail::mismatch(place, "an integer", value);
        }
        if (!fits(integer) || detail::vanishes(value))
            detail::outOfRange(place, value);
        return static_cast<T>(integer);
    }

    template <class W>
    static void write(W& writer, T value)
    {
        if (std::is_unsigned_v<T> && static_cast<uint64_t>(value) > static_cast<uint64_t>(INT64_MAX))
            writer.json(std::to_string(value));
        else
            writer.integer(static_cast<int64_t>(value));
    }

private:
    static bool fits(int64_t value)
    {
        if constexpr (std::is_unsigned_v<T>)
            return value >= 0 && static_cast<uint64_t>(value) <= static_cast<uint64_t>(std::numeric_limits<T>::max());
        else
            return value >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
                   value <= static_cast<int64_t>(std::numeric_limits<T>::max());
    }
};

template <class T>
struct Codec<T, std::enable_if_t<std::is_floating_point_v<T>>>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "number");
    }

    static T read(const Value& value, const Place& place)
    {
        if (!value.isNumber())
            detail::mismatch(place, "a number", value);
        const double number = value.number();
        if (!(std::abs(number) <= static_cast<double>(std::numeric_limits<T>::max())) || detail::vanishes(value) ||
            (number != 0 && static_cast<T>(number) == 0))
            detail::outOfRange(place, value);
        return static_cast<T>(number);
    }

    template <class W>
    static void write(W& writer, T value)
    {
        writer.number(static_cast<double>(value));
    }
};

template <class T>
struct Codec<T, std::enable_if_t<std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>>>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "string");
    }

    static T read(const Value& value, const Place& place)
    {
        if (!value.isText())
            detail::mismatch(place, "a text", value);
        return T(value.text());
    }

    template <class W>
    static void write(W& writer, std::string_view value)
    {
        writer.text(value);
    }
};

template <>
struct Codec<Bytes>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "string").member("contentEncoding", "base64");
    }

    template <class W>
    static void write(W& writer, const Bytes& value)
    {
        writer.base64(value.data);
    }
};

template <>
struct Codec<Json>
{
    template <class W>
    static void schema(W&)
    {
    }

    template <class W>
    static void write(W& writer, const Json& value)
    {
        writer.json(value.text);
    }
};

template <>
struct Codec<Value>
{
    template <class W>
    static void schema(W&)
    {
    }

    static Value read(const Value& value, const Place&) { return value; }

    template <class W>
    static void write(W& writer, const Value& value)
    {
        writer.value(value);
    }
};

template <class T>
struct Codec<std::optional<T>>
{
    template <class W>
    static void schema(W& writer)
    {
        Codec<T>::schema(writer);
    }

    static std::optional<T> read(const Value& value, const Place& place)
    {
        if (!value.exists() || value.isNull())
            return std::nullopt;
        return Codec<T>::read(value, place);
    }

    template <class W>
    static void write(W& writer, const std::optional<T>& value)
    {
        if (value)
            Codec<T>::write(writer, *value);
        else
            writer.null();
    }
};

template <class T>
T Value::as() const
{
    return Codec<T>::read(*this, Place());
}

template <class T>
T Value::get(std::string_view name, T fallback) const
{
    const Value member = (*this)[name];
    if (!member.exists() || member.isNull())
        return fallback;
    const Place place{nullptr, name, 0};
    return Codec<T>::read(member, place);
}

} // namespace tenon

#include <tenon/detail/codec_containers.hpp>
#include <tenon/detail/codec_described.hpp>

#endif

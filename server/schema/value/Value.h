#pragma once

#include "schema/value/Number.h"

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::schema
{

/// Sets of JSON types, one bit each. A number that is an integer has both of its bits.
using TypeSet = std::uint8_t;

constexpr TypeSet TYPE_NULL = 1;
constexpr TypeSet TYPE_BOOLEAN = 2;
constexpr TypeSet TYPE_INTEGER = 4;
constexpr TypeSet TYPE_NUMBER = 8;
constexpr TypeSet TYPE_STRING = 16;
constexpr TypeSet TYPE_ARRAY = 32;
constexpr TypeSet TYPE_OBJECT = 64;
constexpr TypeSet TYPE_ANY = 127;

/// The bit of a name such as "string"; 0 if there is no such type.
TypeSet typeNamed(std::string_view name) noexcept;

/// "a string", "an integer or null"; "of any type" for all of them.
std::string describeTypes(TypeSet types);

/// One JSON value, decoded once and then looked at by as many subschemas as apply to it. The name of a member is a
/// value of its own (`propertyNames`), which the tree of simdjson does not have: the reason for this class.
///
/// Ownership: borrows the document that the element, or the text, lives in.
class Value
{
public:
    enum class Kind : std::uint8_t
    {
        NOTHING, ///< JSON null
        BOOLEAN,
        NUMBER,
        STRING,
        ARRAY,
        OBJECT
    };

    explicit Value(simdjson::dom::element element) noexcept;
    explicit Value(std::string_view text) noexcept;

    Kind kind() const noexcept { return _kind; }

    /// The bits of the types that this value has.
    TypeSet types() const noexcept { return _types; }

    /// Each only if the kind is that one.
    bool boolean() const noexcept { return _boolean; }
    const Number& number() const noexcept { return _number; }
    std::string_view digits() const noexcept { return _digits; } ///< where `number` is not the number itself
    std::string_view text() const noexcept { return _text; }
    simdjson::dom::array array() const noexcept { return _array; }
    simdjson::dom::object object() const noexcept { return _object; }

private:
    Kind _kind;
    TypeSet _types;
    std::string_view _digits; ///< of a number that neither 64 bits nor a double hold
    union
    {
        bool _boolean;
        Number _number;
        std::string_view _text;
        simdjson::dom::array _array;
        simdjson::dom::object _object;
    };
};

/// Mathematical equality: 1 and 1.0 are equal, members may come in any order.
bool equal(const Value& left, const Value& right);

/// Equal for values that are equal.
std::uint64_t hashOf(const Value& value);
std::uint64_t hashOf(std::string_view text) noexcept;

/// JSON text, cut off after about `maxBytes` at the border of a character, with "..." in the place of the rest.
std::string describe(const Value& value, std::size_t maxBytes = 100);

/// As it stands in a JSON string, without the quotes.
std::string escape(std::string_view text);

} // namespace tenon::schema

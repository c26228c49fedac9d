#pragma once

#include <cstdint>
#include <string>

namespace tenon::schema
{

/// A JSON number as simdjson reads it: exact within 64 bits, a double otherwise.
struct Number
{
    enum class Kind : std::uint8_t
    {
        SIGNED,
        UNSIGNED, ///< above the greatest signed one
        REAL
    };

    static Number ofSigned(std::int64_t value) noexcept;
    static Number ofUnsigned(std::uint64_t value) noexcept;
    static Number ofReal(double value) noexcept;

    Kind kind;
    union
    {
        std::int64_t asSigned;
        std::uint64_t asUnsigned;
        double asReal;
    };
};

/// Below 0, 0 or above 0, by mathematical value: 9007199254740993 is above 9007199254740992.0.
int compare(const Number& left, const Number& right) noexcept;

/// 1.0 is an integer.
bool isInteger(const Number& number) noexcept;

/// Decided on the shortest decimal form of both, so 19.99 is a multiple of 0.01, and 1e308 is one of 0.5.
/// `divisor` is above 0.
bool isMultipleOf(const Number& number, const Number& divisor) noexcept;

/// Equal for numbers that compare as equal.
std::uint64_t hashOf(const Number& number) noexcept;

/// The shortest JSON text that reads back as the same number.
std::string toText(const Number& number);

} // namespace tenon::schema

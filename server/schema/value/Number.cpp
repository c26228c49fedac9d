#include "schema/value/Number.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace tenon::schema
{

namespace
{

constexpr double TWO_TO_63 = 9223372036854775808.0;
constexpr double TWO_TO_64 = 18446744073709551616.0;

int sign(double value) noexcept
{
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

int compareSigned(std::int64_t left, double right) noexcept
{
    if (right >= TWO_TO_63)
        return -1;
    if (right < -TWO_TO_63)
        return 1;
    const auto whole = static_cast<std::int64_t>(right);
    if (left != whole)
        return left < whole ? -1 : 1;
    return -sign(right - static_cast<double>(whole));
}

int compareUnsigned(std::uint64_t left, double right) noexcept
{
    if (right >= TWO_TO_64)
        return -1;
    if (right < 0)
        return 1;
    const auto whole = static_cast<std::uint64_t>(right);
    if (left != whole)
        return left < whole ? -1 : 1;
    return -sign(right - static_cast<double>(whole));
}

/// digits * 10^exponent, the sign left out: it does not matter to a multiple.
struct Decimal
{
    std::uint64_t digits;
    int exponent;
};

std::uint64_t magnitude(std::int64_t value) noexcept
{
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

Decimal toDecimal(const Number& number) noexcept
{
    if (number.kind == Number::Kind::SIGNED)
        return {magnitude(number.asSigned), 0};
    if (number.kind == Number::Kind::UNSIGNED)
        return {number.asUnsigned, 0};

    if (!std::isfinite(number.asReal))
        return {1, 400}; // beyond every double
    char text[40];
    const auto end =
        std::to_chars(text, text + sizeof(text), std::fabs(number.asReal), std::chars_format::scientific).ptr;
    Decimal decimal{0, 0};
    const char* at = text;
    int fraction = 0;
    bool inFraction = false;
    for (; at != end && *at != 'e'; ++at)
    {
        if (*at == '.')
        {
            inFraction = true;
            continue;
        }
        decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
        fraction += inFraction ? 1 : 0;
    }
    if (at != end)
    {
        ++at;
        if (at != end && *at == '+')
            ++at;
        std::from_chars(at, end, decimal.exponent);
    }
    decimal.exponent -= fraction;
    return decimal;
}

/// (left + right) mod `modulus`, both below it, without a wider type.
std::uint64_t addModulo(std::uint64_t left, std::uint64_t right, std::uint64_t modulus) noexcept
{
    return left >= modulus - right ? left - (modulus - right) : left + right;
}

std::uint64_t timesTenModulo(std::uint64_t value, std::uint64_t modulus) noexcept
{
    const std::uint64_t two = addModulo(value, value, modulus);
    const std::uint64_t four = addModulo(two, two, modulus);
    const std::uint64_t eight = addModulo(four, four, modulus);
    return addModulo(eight, two, modulus);
}

bool isDecimalMultiple(Decimal number, Decimal divisor) noexcept
{
    if (number.digits == 0)
        return true;
    if (divisor.digits == 0)
        return false;
    for (; number.exponent < divisor.exponent; --divisor.exponent)
    {
        // A divisor beyond 64 bits is greater than what it would have to divide.
        if (divisor.digits > UINT64_MAX / 10)
            return false;
        divisor.digits *= 10;
    }
    std::uint64_t rest = number.digits % divisor.digits;
    for (; number.exponent > divisor.exponent && rest != 0; --number.exponent)
        rest = timesTenModulo(rest, divisor.digits);
    return rest == 0;
}

} // namespace

Number Number::ofSigned(std::int64_t value) noexcept
{
    Number number;
    number.kind = Kind::SIGNED;
    number.asSigned = value;
    return number;
}

Number Number::ofUnsigned(std::uint64_t value) noexcept
{
    if (value <= INT64_MAX)
        return ofSigned(static_cast<std::int64_t>(value));
    Number number;
    number.kind = Kind::UNSIGNED;
    number.asUnsigned = value;
    return number;
}

Number Number::ofReal(double value) noexcept
{
    Number number;
    number.kind = Kind::REAL;
    number.asReal = value;
    return number;
}

int compare(const Number& left, const Number& right) noexcept
{
    using Kind = Number::Kind;
    if (left.kind == right.kind)
    {
        if (left.kind == Kind::SIGNED)
            return left.asSigned < right.asSigned ? -1 : left.asSigned > right.asSigned ? 1 : 0;
        if (left.kind == Kind::UNSIGNED)
            return left.asUnsigned < right.asUnsigned ? -1 : left.asUnsigned > right.asUnsigned ? 1 : 0;
        return left.asReal < right.asReal ? -1 : left.asReal > right.asReal ? 1 : 0;
    }
    if (left.kind == Kind::REAL)
        return -compare(right, left);
    if (right.kind == Kind::REAL)
        return left.kind == Kind::SIGNED ? compareSigned(left.asSigned, right.asReal)
                                         : compareUnsigned(left.asUnsigned, right.asReal);
    return left.kind == Kind::SIGNED ? -1 : 1;
}

bool isInteger(const Number& number) noexcept
{
    return number.kind != Number::Kind::REAL || std::trunc(number.asReal) == number.asReal;
}

bool isMultipleOf(const Number& number, const Number& divisor) noexcept
{
    if (number.kind == Number::Kind::SIGNED && divisor.kind == Number::Kind::SIGNED)
        return divisor.asSigned != 0 && magnitude(number.asSigned) % magnitude(divisor.asSigned) == 0;
    return isDecimalMultiple(toDecimal(number), toDecimal(divisor));
}

std::uint64_t hashOf(const Number& number) noexcept
{
    std::uint64_t bits = 0;
    if (number.kind == Number::Kind::SIGNED)
        bits = static_cast<std::uint64_t>(number.asSigned);
    else if (number.kind == Number::Kind::UNSIGNED)
        bits = number.asUnsigned;
    else if (isInteger(number) && number.asReal >= -TWO_TO_63 && number.asReal < TWO_TO_63)
        bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(number.asReal));
    else if (isInteger(number) && number.asReal >= 0 && number.asReal < TWO_TO_64)
        bits = static_cast<std::uint64_t>(number.asReal);
    else
        std::memcpy(&bits, &number.asReal, sizeof(bits));
    bits ^= bits >> 31;
    bits *= 0x9E3779B97F4A7C15ULL;
    return bits ^ (bits >> 29);
}

std::string toText(const Number& number)
{
    char text[40];
    char* end = nullptr;
    if (number.kind == Number::Kind::SIGNED)
        end = std::to_chars(text, text + sizeof(text), number.asSigned).ptr;
    else if (number.kind == Number::Kind::UNSIGNED)
        end = std::to_chars(text, text + sizeof(text), number.asUnsigned).ptr;
    else
        end = std::to_chars(text, text + sizeof(text), number.asReal).ptr;
    return std::string(text, end);
}

} // namespace tenon::schema

#include "sqlite/JsonForm.h"

#include <Poco/UTF8Encoding.h>

#include <cmath>
#include <limits>

namespace tenon::sqlite
{

namespace
{

constexpr std::string_view POSITIVE_INFINITY = "Infinity";
constexpr std::string_view MINUS_INFINITE = "-Infinity";

/// The length of the valid character at the beginning; 0 if there is none.
std::size_t characterAt(std::string_view text)
{
    static const Poco::UTF8Encoding encoding;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int size = encoding.sequenceLength(bytes, 1);
    if (size < 1 || static_cast<std::size_t>(size) > text.size() || !Poco::UTF8Encoding::isLegal(bytes, size))
        return 0;
    return static_cast<std::size_t>(size);
}

} // namespace

std::optional<std::string_view> nameOfInfinity(double real)
{
    if (!std::isinf(real))
        return std::nullopt;
    return real > 0 ? POSITIVE_INFINITY : MINUS_INFINITE;
}

std::optional<double> infinityNamed(std::string_view name)
{
    if (name == POSITIVE_INFINITY)
        return std::numeric_limits<double>::infinity();
    if (name == MINUS_INFINITE)
        return -std::numeric_limits<double>::infinity();
    return std::nullopt;
}

bool isUtf8(std::string_view text)
{
    while (!text.empty())
    {
        const std::size_t size = characterAt(text);
        if (size == 0)
            return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string repaired(std::string_view text)
{
    std::string result;
    while (!text.empty())
    {
        const std::size_t size = characterAt(text);
        result += size ? text.substr(0, size) : std::string_view("\xEF\xBF\xBD");
        text.remove_prefix(size ? size : 1);
    }
    return result;
}

bool isBeyondDouble(const SqlValue& value)
{
    constexpr std::int64_t EXACT = std::int64_t(1) << 53;
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer && (*integer > EXACT || *integer < -EXACT);
}

} // namespace tenon::sqlite

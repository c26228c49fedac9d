#include "base/json/BigNumber.h"

#include "base/text/RandomId.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace tenon::base
{

namespace
{

/// What the text of a big number begins with: of this process, so that nobody outside can write one.
const std::string& mark()
{
    static const std::string text = "number-" + randomId() + "-";
    return text;
}

constexpr std::string_view NOT_ZERO = "123456789";

/// Whether a number is below 1, its sign apart, by its digits alone.
bool isBelowOne(std::string_view number)
{
    const std::size_t e = number.find_first_of("eE");
    const std::string_view mantissa = number.substr(0, e);
    const std::size_t first = mantissa.find_first_of(NOT_ZERO);
    if (first == std::string_view::npos)
        return true;
    long long exponent = 0;
    if (e != std::string_view::npos)
    {
        std::string_view digits = number.substr(e + 1);
        if (digits.starts_with('+'))
            digits.remove_prefix(1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (read.ec == std::errc::result_out_of_range)
            return digits.starts_with('-');
    }
    const auto point = static_cast<long long>(std::min(mantissa.find('.'), mantissa.size()));
    const long long places = point - static_cast<long long>(first); // before the point, if positive
    return exponent < (places > 0 ? 1 - places : -places);
}

} // namespace

bool BigNumbers::has(std::string_view number)
{
    const char* const end = number.data() + number.size();
    if (number.find_first_of(".eE") == std::string_view::npos)
    {
        std::int64_t whole = 0;
        std::uint64_t positive = 0;
        return std::from_chars(number.data(), end, whole).ec == std::errc::result_out_of_range &&
               std::from_chars(number.data(), end, positive).ec != std::errc();
    }
    double real = 0;
    if (std::from_chars(number.data(), end, real).ec == std::errc::result_out_of_range)
        return true;
    return real == 0 && number.substr(0, number.find_first_of("eE")).find_first_of(NOT_ZERO) != std::string_view::npos;
}

void BigNumbers::append(std::string& out, std::string_view number)
{
    _met.store(true, std::memory_order_relaxed);
    out.append("\"").append(mark()).append(number).append("\"");
}

std::optional<std::string_view> BigNumbers::digitsOf(std::string_view text) noexcept
{
    if (!text.starts_with(mark()))
        return std::nullopt;
    return text.substr(mark().size());
}

void BigNumbers::restoreAll(std::string& json)
{
    const std::string quoted = '"' + mark();
    std::size_t found = json.find(quoted), done = 0;
    if (found == std::string::npos)
        return;
    std::string restored;
    restored.reserve(json.size());
    for (; found != std::string::npos; found = json.find(quoted, done))
    {
        const std::size_t number = found + quoted.size(), end = json.find('"', number);
        restored.append(json, done, found - done).append(json, number, end - number);
        done = end + 1;
    }
    json = restored.append(json, done, std::string::npos);
}

double nearestReal(std::string_view digits) noexcept
{
    double real = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), real);
    if (read.ec != std::errc::result_out_of_range)
        return real;
    const double limit = isBelowOne(digits) ? 0 : std::numeric_limits<double>::infinity();
    return digits.starts_with('-') ? -limit : limit;
}

} // namespace tenon::base

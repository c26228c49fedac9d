#include "base/text/Quantity.h"

#include "base/text/Ascii.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tenon::base
{

namespace
{

struct Unit
{
    std::string_view name;
    std::int64_t factor;
};

constexpr Unit DURATIONS[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit SIZES[] = {{"b", 1}, {"k", 1LL << 10}, {"m", 1LL << 20}, {"g", 1LL << 30}, {"t", 1LL << 40}};

/// Takes a number without a sign off the front of `text`; false if there is none.
bool takeNumber(std::string_view& text, double& number)
{
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    const char* const end = text.data() + length;
    const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (length == 0 || read.ec != std::errc() || read.ptr != end)
        return false;
    text.remove_prefix(length);
    return true;
}

std::optional<std::int64_t> whole(double number)
{
    // 2^63: the first that does not fit.
    if (number >= 9223372036854775808.0 || std::floor(number) != number)
        return std::nullopt;
    return static_cast<std::int64_t>(number);
}

/// A plain integer, exactly; a sign is one of the caller's range.
std::optional<std::int64_t> plain(std::string_view text)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

std::optional<std::int64_t> durationMs(std::string_view text)
{
    text = trimmed(text);
    if (const auto number = plain(text))
        return number;
    double total = 0;
    std::int64_t before = INT64_MAX; // units go down: "1h30m", never "30m1h"
    while (!text.empty())
    {
        double number = 0;
        if (!takeNumber(text, number))
            return std::nullopt;
        text = trimmed(text);
        const std::string_view name = text.substr(0, std::min(text.find_first_of("0123456789. "), text.size()));
        const auto unit =
            std::find_if(std::begin(DURATIONS), std::end(DURATIONS), [&](const Unit& one) { return one.name == name; });
        if (unit == std::end(DURATIONS) || unit->factor >= before)
            return std::nullopt;
        total += number * static_cast<double>(unit->factor);
        before = unit->factor;
        text = trimmed(text.substr(name.size()));
    }
    return before == INT64_MAX ? std::nullopt : whole(std::round(total));
}

std::optional<std::int64_t> sizeBytes(std::string_view text, std::int64_t plainUnit)
{
    text = trimmed(text);
    if (const auto number = plain(text))
    {
        if (*number > INT64_MAX / plainUnit || *number < INT64_MIN / plainUnit)
            return std::nullopt;
        return *number * plainUnit;
    }
    double number = 0;
    if (!takeNumber(text, number))
        return std::nullopt;
    const std::string name = lowered(trimmed(text));
    for (const Unit& unit : SIZES)
        if (name.starts_with(unit.name))
        {
            const std::string_view rest = std::string_view(name).substr(unit.name.size());
            if (rest.empty() || (unit.factor > 1 && (rest == "b" || rest == "ib")))
                return whole(std::round(number * static_cast<double>(unit.factor)));
        }
    return std::nullopt;
}

} // namespace tenon::base

#include "clock/Iso.h"

#include <tenon/errors.hpp>

#include <cstdio>

namespace clock_plugin
{

namespace
{

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Reads a text from its beginning; what does not fit leaves it where it is.
class Scanner
{
public:
    explicit Scanner(std::string_view text) : _rest(text) {}

    bool atEnd() const { return _rest.empty(); }
    std::string_view rest() const { return _rest; }

    bool take(char c)
    {
        if (_rest.empty() || _rest.front() != c)
            return false;
        _rest.remove_prefix(1);
        return true;
    }

    /// Exactly `count` digits.
    std::optional<int> digits(std::size_t count)
    {
        if (_rest.size() < count)
            return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i)
        {
            if (!isDigit(_rest[i]))
                return std::nullopt;
            value = value * 10 + (_rest[i] - '0');
        }
        _rest.remove_prefix(count);
        return value;
    }

    /// One digit and more; what no calendar can hold is no number.
    std::optional<int64_t> number()
    {
        std::size_t size = 0;
        int64_t value = 0;
        while (size < _rest.size() && isDigit(_rest[size]) && size < 13)
            value = value * 10 + (_rest[size++] - '0');
        if (size == 0 || (size < _rest.size() && isDigit(_rest[size])))
            return std::nullopt;
        _rest.remove_prefix(size);
        return value;
    }

    struct Fraction
    {
        milliseconds value{0};
        bool finer = false; ///< digits other than 0 were dropped
    };

    /// The digits behind a point, as milliseconds; finer ones are dropped.
    std::optional<Fraction> fraction()
    {
        Fraction fraction;
        int64_t unit = 100;
        std::size_t size = 0;
        for (; size < _rest.size() && isDigit(_rest[size]); ++size, unit /= 10)
        {
            fraction.value += milliseconds((_rest[size] - '0') * unit);
            fraction.finer = fraction.finer || (unit == 0 && _rest[size] != '0');
        }
        if (size == 0)
            return std::nullopt;
        _rest.remove_prefix(size);
        return fraction;
    }

private:
    std::string_view _rest;
};

[[noreturn]] void notATime(const std::string& text, const std::string& why)
{
    throw tenon::ToolError("'" + text + "' is not a date or time: " + why +
                           ". Expected a form such as 2026-11-20, 2026-11-20T10:19:48+01:00, 10:19, now, or "
                           "@1795169940 for Unix seconds.");
}

std::optional<std::chrono::year_month_day> scanDate(Scanner& scanner, const std::string& text)
{
    Scanner ahead = scanner;
    const auto year = ahead.digits(4);
    if (!year || !ahead.take('-'))
        return std::nullopt;
    const auto month = ahead.digits(2);
    const auto day = month && ahead.take('-') ? ahead.digits(2) : std::nullopt;
    if (!day)
        notATime(text, "a date is year-month-day, with 4, 2 and 2 digits");
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok() || *year == 0)
        notATime(text, "there is no such day");
    scanner = ahead;
    return date;
}

std::optional<milliseconds> scanTime(Scanner& scanner, const std::string& text, bool& finer)
{
    const auto hour = scanner.digits(2);
    if (!hour)
        return std::nullopt;
    const auto minute = scanner.take(':') ? scanner.digits(2) : std::nullopt;
    if (!minute)
        notATime(text, "a time is hours:minutes, with 2 digits each, and may have :seconds");
    milliseconds time = hours(*hour) + minutes(*minute);
    std::optional<int> second = 0;
    if (scanner.take(':'))
    {
        second = scanner.digits(2);
        if (!second)
            notATime(text, "seconds have 2 digits");
        time += seconds(*second);
        if (scanner.take('.') || scanner.take(','))
        {
            const auto fraction = scanner.fraction();
            if (!fraction)
                notATime(text, "digits are missing after the point");
            time += fraction->value;
            finer = fraction->finer;
        }
    }
    if (*hour > 24 || *minute > 59 || *second > 59 || time > hours(24))
        notATime(text, "there is no such time of day");
    return time;
}

} // namespace

DateTime parseDateTime(const std::string& text)
{
    Scanner scanner(text);
    DateTime parsed;
    parsed.date = scanDate(scanner, text);
    if (!parsed.date || scanner.take('T') || scanner.take('t') || scanner.take(' '))
    {
        parsed.timeOfDay = scanTime(scanner, text, parsed.finer);
        if (!parsed.timeOfDay)
            notATime(text, parsed.date ? "the time is missing" : "it begins with neither a date nor a time");
        if (scanner.take('Z') || scanner.take('z'))
            parsed.offset = seconds(0);
        else if (!scanner.atEnd())
        {
            parsed.offset = parseOffset(scanner.rest());
            if (!parsed.offset)
                notATime(text, "'" + std::string(scanner.rest()) + "' is not an offset such as Z or +01:00");
            return parsed;
        }
    }
    if (!scanner.atEnd())
        notATime(text, "'" + std::string(scanner.rest()) + "' is left over");
    return parsed;
}

Duration Duration::negated() const
{
    return {-years, -months, -weeks, -days, -hours, -minutes, -seconds};
}

Duration parseDuration(const std::string& text)
{
    const auto fail = [&text]() -> Duration {
        throw tenon::ToolError("'" + text +
                               "' is not a duration: expected a form such as P1Y2M3DT4H5M6S, P2W or -P1D.");
    };
    Scanner scanner(text);
    const bool negative = scanner.take('-');
    if (!negative)
        scanner.take('+');
    if (!scanner.take('P'))
        return fail();
    Duration duration;
    // Each unit at most once, in this order; a time part begins with T.
    std::string_view dateUnits = "YMWD";
    std::string_view timeUnits = "HMS";
    bool inTime = false;
    bool any = false;
    while (!scanner.atEnd())
    {
        if (!inTime && scanner.take('T'))
        {
            inTime = true;
            any = false;
        }
        const auto number = scanner.number();
        if (!number)
            return fail();
        std::optional<Scanner::Fraction> fraction;
        if (inTime && (scanner.take('.') || scanner.take(',')))
            if (!(fraction = scanner.fraction()))
                return fail();
        if (fraction && fraction->finer)
            throw tenon::ToolError("'" + text +
                                   "' is finer than a millisecond, which is as fine as this clock counts.");
        std::string_view& units = inTime ? timeUnits : dateUnits;
        const std::size_t at = scanner.atEnd() ? std::string_view::npos : units.find(scanner.rest().front());
        if (at == std::string_view::npos)
            return fail();
        const char unit = units[at];
        scanner.take(unit);
        units.remove_prefix(at + 1);
        if (fraction && unit != 'S')
            return fail();
        any = true;
        switch (unit)
        {
        case 'Y':
            duration.years = *number;
            break;
        case 'W':
            duration.weeks = *number;
            break;
        case 'D':
            duration.days = *number;
            break;
        case 'H':
            duration.hours = *number;
            break;
        case 'S':
            duration.seconds = seconds(*number) + (fraction ? fraction->value : milliseconds(0));
            break;
        default:
            (inTime ? duration.minutes : duration.months) = *number;
        }
    }
    if (!any)
        return fail();
    return negative ? duration.negated() : duration;
}

std::string formatDuration(const Duration& duration)
{
    const bool negative = duration.years < 0 || duration.months < 0 || duration.weeks < 0 || duration.days < 0 ||
                          duration.hours < 0 || duration.minutes < 0 || duration.seconds.count() < 0;
    const Duration positive = negative ? duration.negated() : duration;
    std::string text = negative ? "-P" : "P";
    const auto add = [&text](int64_t count, char unit)
    {
        if (count)
            text += std::to_string(count) + unit;
    };
    add(positive.years, 'Y');
    add(positive.months, 'M');
    add(positive.weeks, 'W');
    add(positive.days, 'D');
    if (positive.hours || positive.minutes || positive.seconds.count())
    {
        text += 'T';
        add(positive.hours, 'H');
        add(positive.minutes, 'M');
        const int64_t whole = positive.seconds.count() / 1000;
        if (const int64_t rest = positive.seconds.count() % 1000)
        {
            char fraction[8];
            std::snprintf(fraction, sizeof fraction, ".%03dS", static_cast<int>(rest));
            text += std::to_string(whole) + fraction;
        }
        else
            add(whole, 'S');
    }
    return text.back() == 'P' ? "PT0S" : text;
}

std::optional<UnixTime> parseUnixSeconds(const std::string& text)
{
    constexpr int64_t LAST = 253402300799; // 9999-12-31T23:59:59Z
    constexpr int64_t FIRST = -62135596800;
    constexpr int64_t MAYBE_MILLISECONDS = 100'000'000'000; // seconds: the year 5138; milliseconds: 1973

    Scanner scanner(text);
    const bool marked = scanner.take('@');
    const bool negative = scanner.take('-');
    const std::size_t before = scanner.rest().size();
    const auto whole = scanner.number();
    const std::size_t digits = before - scanner.rest().size();
    if (!whole && marked)
        throw tenon::ToolError("'" + text + "' is not a number of seconds since 1970 that this clock knows.");
    std::optional<Scanner::Fraction> fraction;
    if (whole && scanner.take('.') && !(fraction = scanner.fraction()))
        return std::nullopt;
    if (!whole || !scanner.atEnd())
    {
        if (marked)
            throw tenon::ToolError("'" + text + "' is not a number: '@' is followed by seconds since 1970.");
        return std::nullopt;
    }
    if (!marked && !fraction)
    {
        if (*whole >= MAYBE_MILLISECONDS)
            throw tenon::ToolError("'" + text + "' could be milliseconds. Give seconds since 1970, such as " +
                                   (negative ? "-" : "") + std::to_string(*whole / 1000) + ", or '@" + text +
                                   "' if these are seconds indeed.");
        if (digits <= 4 || digits == 6 || digits == 8)
            throw tenon::ToolError("'" + text +
                                   "' could be a date or seconds since 1970. Write a date as 2026-11-20 "
                                   "and seconds as @" +
                                   text + ".");
    }
    const int64_t signedSeconds = negative ? -*whole : *whole;
    if (signedSeconds > LAST || signedSeconds < FIRST)
        throw tenon::ToolError("'" + text + "' is outside the years 1 to 9999.");
    const Scanner::Fraction part = fraction.value_or(Scanner::Fraction());
    return UnixTime{seconds(signedSeconds) + (negative ? -part.value : part.value), part.finer};
}

seconds roundOffset(seconds offset)
{
    const auto half = offset.count() < 0 ? seconds(-30) : seconds(30);
    return std::chrono::duration_cast<minutes>(offset + half);
}

std::string formatOffset(seconds offset)
{
    const auto total = static_cast<int>(offset.count() < 0 ? -offset.count() : offset.count());
    char text[32];
    std::snprintf(text, sizeof text, total % 60 ? "%c%02d:%02d:%02d" : "%c%02d:%02d", offset.count() < 0 ? '-' : '+',
                  total / 3600, total / 60 % 60, total % 60);
    return text;
}

std::optional<seconds> parseOffset(std::string_view text)
{
    Scanner scanner(text);
    const bool negative = scanner.take('-');
    if (!negative && !scanner.take('+'))
        return std::nullopt;
    const auto hour = scanner.digits(2);
    if (!hour || *hour > 23)
        return std::nullopt;
    int minute = 0;
    if (!scanner.atEnd())
    {
        scanner.take(':');
        const auto digits = scanner.digits(2);
        if (!digits || *digits > 59 || !scanner.atEnd())
            return std::nullopt;
        minute = *digits;
    }
    const seconds offset = hours(*hour) + minutes(minute);
    return negative ? -offset : offset;
}

std::string formatDate(std::chrono::year_month_day date)
{
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

std::string formatTime(milliseconds timeOfDay)
{
    const auto total = static_cast<int>(timeOfDay.count());
    char text[48];
    std::snprintf(text, sizeof text, total % 1000 ? "%02d:%02d:%02d.%03d" : "%02d:%02d:%02d", total / 3600000,
                  total / 60000 % 60, total / 1000 % 60, total % 1000);
    return text;
}

} // namespace clock_plugin

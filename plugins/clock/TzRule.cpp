#include "clock/TzRule.h"

#include <algorithm>
#include <array>

namespace clock_plugin
{

namespace
{

using namespace std::chrono;

constexpr int64_t DAY = 86400;

int64_t secondsOf(sys_days day)
{
    return int64_t{day.time_since_epoch().count()} * DAY;
}

} // namespace

int64_t TzRule::Change::in(int64_t inYear) const
{
    const year which(static_cast<int>(inYear));
    if (form == Form::WEEKDAY)
    {
        const weekday on(static_cast<unsigned>(day));
        const std::chrono::month in(static_cast<unsigned>(month));
        const sys_days found =
            week == 5 ? sys_days(which / in / on[last]) : sys_days(which / in / on[static_cast<unsigned>(week)]);
        return secondsOf(found) + time;
    }
    const int64_t leapDay = form == Form::JULIAN && which.is_leap() && day >= 60 ? 1 : 0;
    const int64_t fromZero = form == Form::JULIAN ? day - 1 : day;
    return secondsOf(which / January / 1) + (fromZero + leapDay) * DAY + time;
}

/// Reads a rule from its beginning; after the first fault everything fails.
class TzRule::Parser
{
public:
    explicit Parser(std::string_view text) : _rest(text) {}

    bool failed() const { return _failed; }
    bool atEnd() const { return _rest.empty(); }

    bool take(char c)
    {
        if (_rest.empty() || _rest.front() != c)
            return false;
        _rest.remove_prefix(1);
        return true;
    }

    void expect(char c)
    {
        if (!take(c))
            _failed = true;
    }

    std::string name()
    {
        const bool quoted = take('<');
        const auto fits = [quoted](char c)
        {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
        };
        const auto size = static_cast<std::size_t>(std::find_if_not(_rest.begin(), _rest.end(), fits) - _rest.begin());
        std::string name(_rest.substr(0, size));
        _rest.remove_prefix(size);
        _failed = _failed || size < 3;
        if (quoted)
            expect('>');
        return name;
    }

    int number(int minimum, int maximum)
    {
        int value = 0;
        std::size_t size = 0;
        for (; size < _rest.size() && size < 3 && _rest[size] >= '0' && _rest[size] <= '9'; ++size)
            value = value * 10 + (_rest[size] - '0');
        _rest.remove_prefix(size);
        _failed = _failed || size == 0 || value < minimum || value > maximum;
        return value;
    }

    /// [+-]h[:mm[:ss]]
    int64_t time(int maxHours)
    {
        const bool negative = take('-');
        if (!negative)
            take('+');
        int64_t value = int64_t{number(0, maxHours)} * 3600;
        if (take(':'))
        {
            value += int64_t{number(0, 59)} * 60;
            if (take(':'))
                value += number(0, 59);
        }
        return negative ? -value : value;
    }

    Change change()
    {
        Change change;
        if (take('M'))
        {
            change.form = Change::Form::WEEKDAY;
            change.month = number(1, 12);
            expect('.');
            change.week = number(1, 5);
            expect('.');
            change.day = number(0, 6);
        }
        else
        {
            const bool julian = take('J');
            change.form = julian ? Change::Form::JULIAN : Change::Form::DAY_OF_YEAR;
            change.day = julian ? number(1, 365) : number(0, 365);
        }
        if (take('/'))
            change.time = time(167);
        return change;
    }

private:
    std::string_view _rest;
    bool _failed = false;
};

std::optional<TzRule> TzRule::parse(std::string_view text)
{
    // POSIX counts to the west.
    Parser parser(text);
    TzRule rule;
    rule._standard.abbreviation = parser.name();
    rule._standard.offset = seconds(-parser.time(24));
    if (!parser.failed() && !parser.atEnd())
    {
        ZoneInfo saving{rule._standard.offset + hours(1), parser.name(), true};
        if (!parser.take(','))
        {
            saving.offset = seconds(-parser.time(24));
            parser.expect(',');
        }
        rule._saving = saving;
        rule._start = parser.change();
        parser.expect(',');
        rule._end = parser.change();
    }
    if (parser.failed() || !parser.atEnd())
        return std::nullopt;
    return rule;
}

ZoneInfo TzRule::at(int64_t second) const
{
    if (!_saving)
        return _standard;
    // Times of day of a week and more move a change into another year, so its neighbours are looked at as well.
    const int64_t day = second / DAY - (second % DAY < 0 ? 1 : 0);
    const int64_t inYear = static_cast<int>(year_month_day(sys_days(days(day))).year());
    struct Found
    {
        int64_t second;
        bool saving;
    };
    std::array<Found, 6> changes{};
    std::size_t count = 0;
    for (int64_t each = inYear - 1; each <= inYear + 1; ++each)
    {
        changes[count++] = {_start.in(each)-_standard.offset.count(), true};
        changes[count++] = {_end.in(each)-_saving->offset.count(), false};
    }
    // Saving that begins where the last one ends goes on: it is how a rule says that it is in force all the year.
    std::sort(changes.begin(), changes.end(),
              [](const Found& a, const Found& b)
              { return a.second != b.second ? a.second < b.second : a.saving < b.saving; });
    bool saving = false;
    for (const Found& change : changes)
        if (change.second <= second)
            saving = change.saving;
    return saving ? *_saving : _standard;
}

} // namespace clock_plugin

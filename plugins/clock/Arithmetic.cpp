#include "clock/Arithmetic.h"

#include <tenon/errors.hpp>

#include <algorithm>
#include <cstdlib>

namespace clock_plugin
{

namespace
{

using namespace std::chrono;

constexpr int64_t MAX_MONTHS = 12 * 9999;
constexpr int64_t MAX_DAYS = 366 * 9999;
constexpr int64_t MAX_SECONDS = MAX_DAYS * 86400;

[[noreturn]] void outOfRange()
{
    throw tenon::ToolError("The result is outside the years 1 to 9999.");
}

void limit(int64_t value, int64_t maximum)
{
    if (value > maximum || value < -maximum)
        outOfRange();
}

/// The day `count` months later, or the last of its month if that is shorter.
local_days addMonths(local_days day, int64_t count)
{
    const year_month_day date(day);
    const year_month month = date.year() / date.month() + months(count);
    if (!month.year().ok() || month.year() < year(1) || month.year() > year(9999))
        outOfRange();
    const year_month_day_last last = month / std::chrono::last;
    return local_days(month / std::min(date.day(), last.day()));
}

} // namespace

Sum addOnCalendar(Instant instant, const Zone& zone, const Duration& duration, Occurrence occurrence)
{
    limit(duration.years, 9999);
    limit(duration.months, MAX_MONTHS);
    limit(duration.weeks, MAX_DAYS);
    limit(duration.days, MAX_DAYS);
    limit(duration.hours, MAX_SECONDS / 3600);
    limit(duration.minutes, MAX_SECONDS / 60);
    limit(duration.seconds.count() / 1000, MAX_SECONDS);

    Sum sum{instant, {}, {instant}, false};
    const int64_t monthCount = duration.years * 12 + duration.months;
    const int64_t dayCount = duration.weeks * 7 + duration.days;
    limit(monthCount, MAX_MONTHS);
    limit(dayCount, MAX_DAYS);
    if (monthCount || dayCount)
    {
        const LocalTime local = zone.toLocal(instant);
        const local_days day = floor<days>(local);
        const local_days inMonth = addMonths(day, monthCount);
        sum.shortened = year_month_day(inMonth).day() != year_month_day(day).day();
        const local_days target = inMonth + days(dayCount);
        if (target < local_days(year(1) / January / 1) || target > local_days(year(9999) / December / 31))
            outOfRange();
        sum.onCalendar = target + (local - day);
        sum.resolved = zone.toInstant(sum.onCalendar, occurrence);
        sum.instant = sum.resolved.instant;
    }
    sum.instant += hours(duration.hours) + minutes(duration.minutes) + duration.seconds;
    return sum;
}

Instant add(Instant instant, const Zone& zone, const Duration& duration)
{
    return addOnCalendar(instant, zone, duration, Occurrence::Earlier).instant;
}

Duration difference(Instant from, Instant to, const Zone& zone)
{
    if (to < from)
        return difference(to, from, zone).negated();

    const auto monthsOf = [&zone](Instant instant)
    {
        const year_month_day date(floor<days>(zone.toLocal(instant)));
        return static_cast<int64_t>(static_cast<int>(date.year())) * 12 + static_cast<unsigned>(date.month());
    };
    int64_t monthCount = monthsOf(to) - monthsOf(from);
    Duration duration;
    duration.months = monthCount;
    if (monthCount > 0 && add(from, zone, duration) > to)
        --monthCount;
    duration.months = monthCount;

    const Instant afterMonths = add(from, zone, duration);
    duration.days = (floor<days>(zone.toLocal(to)) - floor<days>(zone.toLocal(afterMonths))).count();
    if (duration.days > 0 && add(from, zone, duration) > to)
        --duration.days;

    milliseconds rest = to - add(from, zone, duration);
    duration.years = monthCount / 12;
    duration.months = monthCount % 12;
    duration.hours = duration_cast<hours>(rest).count();
    rest -= hours(duration.hours);
    duration.minutes = duration_cast<minutes>(rest).count();
    duration.seconds = rest - minutes(duration.minutes);
    return duration;
}

int64_t weekdaysBetween(Instant from, Instant to, const Zone& zone)
{
    if (to < from)
        return -weekdaysBetween(to, from, zone);
    const local_days first = floor<days>(zone.toLocal(from));
    const int64_t total = (floor<days>(zone.toLocal(to)) - first).count();
    int64_t count = total / 7 * 5;
    for (int64_t at = total / 7 * 7; at < total; ++at)
    {
        const weekday day(first + days(at));
        count += day != Saturday && day != Sunday;
    }
    return count;
}

} // namespace clock_plugin

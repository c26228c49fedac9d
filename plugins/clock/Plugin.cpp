#include "clock/Arithmetic.h"
#include "clock/Moment.h"

#include <tenon/plugin.hpp>

#include <algorithm>

namespace clock_plugin
{

inline auto describe(tenon::Type<Occurrence>)
{
    return tenon::choices(tenon::choice(Occurrence::Earlier, "earlier"), tenon::choice(Occurrence::Later, "later"));
}

enum class Unit
{
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds
};

inline auto describe(tenon::Type<Unit>)
{
    using tenon::choice;
    return tenon::choices(choice(Unit::Years, "years"), choice(Unit::Months, "months"), choice(Unit::Weeks, "weeks"),
                          choice(Unit::Days, "days"), choice(Unit::Hours, "hours"), choice(Unit::Minutes, "minutes"),
                          choice(Unit::Seconds, "seconds"));
}

struct Conversion
{
    Moment from;
    Moment to;
    std::string difference;
};

inline auto describe(tenon::Type<Conversion>)
{
    return tenon::object(
        tenon::field("from", &Conversion::from, "The given time"),
        tenon::field("to", &Conversion::to, "The same instant in the other zone"),
        tenon::field("difference", &Conversion::difference, "How far the other zone is ahead, +HH:MM"));
}

struct Span
{
    Moment from;
    Moment to;
    std::string duration;
    int64_t years = 0;
    int64_t months = 0;
    int64_t days = 0;
    int64_t hours = 0;
    int64_t minutes = 0;
    double seconds = 0;
    int64_t totalDays = 0;
    double totalSeconds = 0;
    int64_t weekdays = 0;
};

inline auto describe(tenon::Type<Span>)
{
    using tenon::field;
    return tenon::object(
        field("from", &Span::from), field("to", &Span::to),
        field("duration", &Span::duration, "ISO 8601, negative if `to` is earlier"), field("years", &Span::years),
        field("months", &Span::months, "Beyond the years"), field("days", &Span::days, "Beyond the months"),
        field("hours", &Span::hours, "Beyond the days"), field("minutes", &Span::minutes, "Beyond the hours"),
        field("seconds", &Span::seconds, "Beyond the minutes"),
        field("totalDays", &Span::totalDays, "Days between the two dates"),
        field("totalSeconds", &Span::totalSeconds, "Elapsed time in seconds"),
        field("weekdays", &Span::weekdays, "Days from Monday to Friday, the first date included, the last one not"));
}

struct ZoneList
{
    std::vector<std::string> zones;
    int64_t total = 0;
};

inline auto describe(tenon::Type<ZoneList>)
{
    return tenon::object(tenon::field("zones", &ZoneList::zones, "IANA names"),
                         tenon::field("total", &ZoneList::total, "How many there are in all"));
}

namespace
{

Instant now()
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Moment momentOf(const Given& given)
{
    Moment moment = momentOf(given.instant, given.zone);
    moment.note = given.note;
    return moment;
}

Duration durationOf(const std::optional<std::string>& text, const std::optional<int64_t>& amount,
                    const std::optional<Unit>& unit)
{
    if (text && (amount || unit))
        throw tenon::ToolError("Give either `duration`, or `amount` and `unit`.");
    if (text)
        return parseDuration(*text);
    if (!amount || !unit)
        throw tenon::ToolError("Give `duration` (such as P1M or -PT90M), or `amount` and `unit`.");
    Duration duration;
    switch (*unit)
    {
    case Unit::Years:
        duration.years = *amount;
        break;
    case Unit::Months:
        duration.months = *amount;
        break;
    case Unit::Weeks:
        duration.weeks = *amount;
        break;
    case Unit::Days:
        duration.days = *amount;
        break;
    case Unit::Hours:
        duration.hours = *amount;
        break;
    case Unit::Minutes:
        duration.minutes = *amount;
        break;
    case Unit::Seconds:
        duration.seconds = std::chrono::seconds(*amount);
        break;
    }
    return duration;
}

/// Zones that have `text` in their name, without regard to case; spaces stand for underscores.
std::vector<std::string> zonesWith(std::string_view text)
{
    const auto folded = [](char c) {
        return c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    std::vector<std::string> found;
    for (std::string& zone : zoneNames())
        if (std::search(zone.begin(), zone.end(), text.begin(), text.end(),
                        [&](char a, char b) { return folded(a) == folded(b); }) != zone.end())
            found.push_back(std::move(zone));
    return found;
}

/// Errors: tenon::SettingError.
std::string homeZone(const tenon::Plugin& plugin)
{
    try
    {
        return Zone::named(plugin.setting("zone", "local")).name();
    }
    catch (const tenon::ToolError& error)
    {
        throw tenon::SettingError("plugin." + std::string(plugin.name()) + ".zone: " + error.what());
    }
}

constexpr const char* TIME = "A date or time: 2026-11-20, 2026-11-20T10:19:48+01:00, or 10:19 for today";

void addTools(tenon::Plugin& plugin, const std::string& home)
{
    plugin.tool("clock_now", "Tells the current date and time, in a time zone of your choice")
        .title("Current time")
        .param<std::string>("zone", "An IANA time zone such as Europe/Berlin, UTC, or an offset such as +02:00",
                            tenon::defaultTo(home))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle([](const std::string& zone) { return momentOf(now(), Zone::named(zone)); });

    plugin.tool("clock_convert", "Converts a date and time from one time zone to another")
        .title("Convert between time zones")
        .param<std::string>("time", TIME)
        .param<std::string>("to", "The time zone to convert to, an IANA name or an offset")
        .param<std::optional<std::string>>("from", "The time zone of `time`; not needed if that has an offset")
        .param<Occurrence>("occurrence", "Which one is meant if the clocks show `time` twice",
                           tenon::defaultTo(Occurrence::Earlier))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const std::string& time, const std::string& to, const std::optional<std::string>& from,
                   Occurrence occurrence)
            {
                const Given given = instantOf(time, from, home, occurrence, now());
                const Zone target = Zone::named(to);
                const auto ahead = target.at(given.instant).offset - given.zone.at(given.instant).offset;
                return Conversion{momentOf(given), momentOf(given.instant, target), formatOffset(ahead)};
            });

    plugin
        .tool("clock_add", "Adds a duration to a date or time, or subtracts it. Years, months, weeks and days follow "
                           "the calendar, hours, minutes and seconds are elapsed time")
        .title("Add to a date")
        .param<std::string>("time", TIME)
        .param<std::optional<std::string>>("duration",
                                           "ISO 8601: P1Y2M3DT4H5M6S, P2W; with a minus in front to subtract")
        .param<std::optional<int64_t>>("amount", "Instead of a duration: how many of `unit`; negative to subtract")
        .param<std::optional<Unit>>("unit", "The unit of `amount`")
        .param<std::optional<std::string>>("zone", "The time zone of `time` and of the result")
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const std::string& time, const std::optional<std::string>& duration,
                   const std::optional<int64_t>& amount, const std::optional<Unit>& unit,
                   const std::optional<std::string>& zone)
            {
                Given given = instantOf(time, zone, home, Occurrence::Earlier, now());
                given.instant = add(given.instant, given.zone, durationOf(duration, amount, unit));
                return momentOf(given);
            });

    plugin
        .tool("clock_difference", "Tells how long it is from one date or time to another: as a calendar duration, in "
                                  "days, in seconds and in working days")
        .title("Difference between dates")
        .param<std::string>("from", TIME)
        .param<std::string>("to", TIME)
        .param<std::optional<std::string>>("zone", "The time zone of both, unless they have an offset")
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const std::string& fromText, const std::string& toText, const std::optional<std::string>& zone)
            {
                const Instant present = now();
                const Given from = instantOf(fromText, zone, home, Occurrence::Earlier, present);
                const Given to = instantOf(toText, zone, home, Occurrence::Earlier, present);
                const Duration duration = difference(from.instant, to.instant, from.zone);
                const auto dayOf = [&from](Instant instant)
                { return std::chrono::floor<std::chrono::days>(from.zone.toLocal(instant)); };
                Span span;
                span.from = momentOf(from);
                span.to = momentOf(to);
                span.duration = formatDuration(duration);
                span.years = duration.years;
                span.months = duration.months;
                span.days = duration.days;
                span.hours = duration.hours;
                span.minutes = duration.minutes;
                span.seconds = static_cast<double>(duration.seconds.count()) / 1000;
                span.totalDays = (dayOf(to.instant) - dayOf(from.instant)).count();
                span.totalSeconds = static_cast<double>((to.instant - from.instant).count()) / 1000;
                span.weekdays = weekdaysBetween(from.instant, to.instant, from.zone);
                return span;
            });

    plugin.tool("clock_zones", "Searches for time zones by a part of their names")
        .title("Find time zones")
        .param<std::string>("search", "A city, a region or a part of a name; empty for all", tenon::defaultTo(""))
        .param<int>("limit", "How many names at most", tenon::defaultTo(50), tenon::range(1, 1000))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [](const std::string& search, int limit)
            {
                ZoneList list{zonesWith(search), 0};
                list.total = static_cast<int64_t>(list.zones.size());
                list.zones.resize(std::min<std::size_t>(list.zones.size(), static_cast<std::size_t>(limit)));
                return list;
            });
}

} // namespace

} // namespace clock_plugin

TENON_PLUGIN("clock", "1.0.0", plugin)
{
    using namespace clock_plugin;
    plugin.title("Clock").description("Current time, conversion between time zones, arithmetic on dates");

    addTools(plugin, homeZone(plugin));

    plugin.resourceTemplate("clock://now/{+zone}", "now", "The current time in a zone")
        .mimeType("application/json")
        .cache(0)
        .complete("zone", [](std::string_view typed) { return zonesWith(typed); })
        .handle([](std::string_view zone) { return clock_plugin::momentOf(now(), Zone::named(std::string(zone))); });
}

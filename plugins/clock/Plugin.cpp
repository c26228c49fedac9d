#include "clock/Arithmetic.h"
#include "clock/Moment.h"

#include <tenon/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

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
        tenon::field("difference", &Conversion::difference, "How far the other zone is ahead, +HH:MM, or +HH:MM:SS"));
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
    std::optional<std::string> note;
};

inline auto describe(tenon::Type<ZoneList>)
{
    return tenon::object(tenon::field("zones", &ZoneList::zones, "IANA names"),
                         tenon::field("total", &ZoneList::total, "How many there are in all"),
                         tenon::field("note", &ZoneList::note, "What to know about these names"));
}

/// A time as an argument: a text, or a number of Unix seconds.
struct TimeText
{
    std::string text;
};

} // namespace clock_plugin

namespace tenon
{

template <>
struct Codec<clock_plugin::TimeText>
{
    template <class W>
    static void schema(W& writer)
    {
        // One type a branch: model providers with a dialect of their own know no lists of types.
        writer.key("anyOf").beginArray();
        for (const char* type : {"string", "number"})
            writer.beginObject().member("type", type).endObject();
        writer.endArray();
    }

    static clock_plugin::TimeText read(const Value& value, const Place& place)
    {
        if (value.isText())
            return {std::string(value.text())};
        if (!value.isNumber())
            throw InvalidParams(place.path() + ": expected a text or a number of Unix seconds");
        // A number as it was written is exact, as a double it may not be. "@" says that it is no date.
        const std::string number = value.json();
        if (number.find_first_of("eE") == std::string::npos)
            return {'@' + number};
        const double seconds = value.number();
        if (!std::isfinite(seconds))
            throw InvalidParams(place.path() + ": " + number +
                                " is not a number of seconds since 1970 that this clock knows");
        char text[400];
        std::snprintf(text, sizeof text, "@%.9f", seconds);
        // What is finer than that is dropped, and said so, as everything below a millisecond.
        const bool none = std::abs(seconds) < 1e-9 && (seconds != 0 || detail::vanishes(value));
        return {none ? "@0.0000000001" : text};
    }
};

} // namespace tenon

namespace clock_plugin
{

namespace
{

Instant now()
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Moment momentOf(const Given& given)
{
    Moment moment = momentOf(given.instant, given.zone);
    if (given.note)
        addNote(moment.note, *given.note);
    return moment;
}

/// What milliseconds cannot count is as far outside of the calendar as the most that they can.
std::chrono::milliseconds secondsOf(int64_t amount)
{
    constexpr int64_t MOST = INT64_MAX / 1000;
    return std::chrono::seconds(std::clamp(amount, -MOST, MOST));
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
        duration.seconds = secondsOf(*amount);
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
    for (const std::string& zone : zoneNames())
        if (std::search(zone.begin(), zone.end(), text.begin(), text.end(),
                        [&](char a, char b) { return folded(a) == folded(b); }) != zone.end())
            found.push_back(zone);
    return found;
}

ZoneList zonesWith(const std::string& text, std::size_t limit)
{
    ZoneList list{zonesWith(text), 0, std::nullopt};
    list.total = static_cast<int64_t>(list.zones.size());
    list.zones.resize(std::min(list.zones.size(), limit));
    for (const std::string& zone : list.zones)
        if (zone.rfind("Etc/GMT", 0) == 0 && zone.find_first_of("123456789") != std::string::npos)
            list.note = "Names such as Etc/GMT-3 count to the west: that one is at +03:00, not at -03:00. Offsets "
                        "such as -03:00 are taken as they are.";
    if (const std::string why = whyFewZones(); !why.empty())
        list.note = why;
    return list;
}

/// Errors: tenon::SettingError.
std::string homeZone(tenon::Plugin& plugin)
{
    const std::string setting = plugin.setting(
        "zone", "local", "The time zone of times that name none: an IANA name, UTC, an offset, or local");
    try
    {
        return Zone::named(setting).name();
    }
    catch (const tenon::ToolError& error)
    {
        const std::string text = "plugin." + std::string(plugin.name()) + ".zone: " + error.what();
        // A name that nobody knows is a mistake; one that this machine happens to lack must not take the clock away.
        if (setting != "local" && whyFewZones().empty())
            throw tenon::SettingError(text);
        plugin.log(tenon::LogLevel::Warning, setting == "local"
                                                 ? text + " Until then it is UTC."
                                                 : text + " Until then times that name no zone are refused.");
        if (setting != "local")
            return setting;
        return "UTC";
    }
}

constexpr const char* TIME = "A date or time: 2026-11-20, 2026-11-20T10:19:48+01:00, 10:19 for today, now, or Unix "
                             "seconds such as @1795169940";

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
        .param<TimeText>("time", TIME)
        .param<std::string>("to", "The time zone to convert to, an IANA name or an offset")
        .param<std::optional<std::string>>("from", "The time zone of `time`; not needed if that has an offset")
        .param<Occurrence>("occurrence", "Which one is meant if the clocks show `time` twice",
                           tenon::defaultTo(Occurrence::Earlier))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const TimeText& time, const std::string& to, const std::optional<std::string>& from,
                   Occurrence occurrence)
            {
                const Given given = instantOf(time.text, from, home, occurrence, now());
                const Zone target = Zone::named(to);
                const auto ahead = target.at(given.instant).offset - given.zone.at(given.instant).offset;
                return Conversion{momentOf(given), momentOf(given.instant, target), formatOffset(ahead)};
            });

    plugin
        .tool("clock_add", "Adds a duration to a date or time, or subtracts it. Years, months, weeks and days follow "
                           "the calendar, hours, minutes and seconds are elapsed time")
        .title("Add to a date")
        .param<TimeText>("time", TIME)
        .param<std::optional<std::string>>("duration",
                                           "ISO 8601: P1Y2M3DT4H5M6S, P2W; with a minus in front to subtract")
        .param<std::optional<int64_t>>("amount", "Instead of a duration: how many of `unit`; negative to subtract")
        .param<std::optional<Unit>>("unit", "The unit of `amount`")
        .param<std::optional<std::string>>("zone", "The time zone of `time` and of the result")
        .param<Occurrence>("occurrence", "Which one is meant if the clocks show `time` or the result twice",
                           tenon::defaultTo(Occurrence::Earlier))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const TimeText& time, const std::optional<std::string>& duration,
                   const std::optional<int64_t>& amount, const std::optional<Unit>& unit,
                   const std::optional<std::string>& zone, Occurrence occurrence)
            {
                Given given = instantOf(time.text, zone, home, occurrence, now());
                const Sum sum =
                    addOnCalendar(given.instant, given.zone, durationOf(duration, amount, unit), occurrence);
                given.instant = sum.instant;
                if (const auto note = noteOf(sum.resolved, formatLocal(sum.onCalendar), given.zone))
                    addNote(given.note, *note);
                if (sum.shortened)
                    addNote(given.note, "The month that this came to has no such day: its last day was taken.");
                return momentOf(given);
            });

    plugin
        .tool("clock_difference", "Tells how long it is from one date or time to another: as a calendar duration, in "
                                  "days, in seconds and in working days")
        .title("Difference between dates")
        .param<TimeText>("from", TIME)
        .param<TimeText>("to", TIME)
        .param<std::optional<std::string>>("zone", "The time zone of both, unless they have an offset")
        .param<Occurrence>("occurrence", "Which one is meant if the clocks show `from` or `to` twice",
                           tenon::defaultTo(Occurrence::Earlier))
        .annotations(tenon::readOnly(), tenon::openWorld(false))
        .handle(
            [home](const TimeText& fromText, const TimeText& toText, const std::optional<std::string>& zone,
                   Occurrence occurrence)
            {
                const Instant present = now();
                const Given from = instantOf(fromText.text, zone, home, occurrence, present);
                const Given to = instantOf(toText.text, zone, home, occurrence, present);
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
        .handle([](const std::string& search, int limit)
                { return zonesWith(search, static_cast<std::size_t>(limit)); });
}

/// A resource of an unknown zone is not there; to a tool it is a mistake that the message helps to mend.
Moment readNow(std::string_view zone)
{
    try
    {
        return momentOf(now(), Zone::named(std::string(zone)));
    }
    catch (const tenon::ToolError& error)
    {
        throw tenon::NotFound(error.what());
    }
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
        .handle([](std::string_view zone) { return readNow(zone); });
}

#include "clock/Moment.h"

#include "clock/Iso.h"

#include <tenon/errors.hpp>

#include <cstdio>

namespace clock_plugin
{

namespace
{

using namespace std::chrono;

std::string isoWeekOf(local_days day)
{
    // The week's Thursday decides to which year it belongs.
    const local_days thursday = day - (weekday(day) - Monday) + days(3);
    const year inYear = year_month_day(thursday).year();
    const auto week = (thursday - local_days(inYear / January / 1)).count() / 7 + 1;
    char text[32];
    std::snprintf(text, sizeof text, "%04d-W%02d", static_cast<int>(inYear), static_cast<int>(week));
    return text;
}

std::string roundingNote(std::chrono::seconds offset)
{
    return "The offset is " + formatOffset(offset) +
           ", and RFC 3339 has no seconds in offsets: `offset` and `dateTime` " + "have " +
           formatOffset(roundOffset(offset)) + ". The local time, `utc` and `offsetSeconds` are exact.";
}

/// Whether the text is "now", in any case, with blanks around it.
bool isNow(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos || text.find_last_not_of(' ') != first + 2)
        return false;
    return (text[first] | 32) == 'n' && (text[first + 1] | 32) == 'o' && (text[first + 2] | 32) == 'w';
}

} // namespace

std::string formatLocal(LocalTime local)
{
    const local_days day = floor<days>(local);
    return formatDate(year_month_day(day)) + 'T' + formatTime(local - day);
}

void addNote(std::optional<std::string>& note, const std::string& sentence)
{
    note = note ? *note + ' ' + sentence : sentence;
}

std::optional<std::string> noteOf(const Resolved& resolved, const std::string& text, const Zone& zone)
{
    if (resolved.repeated)
        return text + " occurs twice in " + zone.name() +
               ", because the clocks are put back; set `occurrence` to choose.";
    if (resolved.skipped)
        return text + " does not exist in " + zone.name() +
               ", because the clocks are put forward; the time was moved by as much.";
    return std::nullopt;
}

Moment momentOf(Instant instant, const Zone& zone)
{
    static constexpr const char* WEEKDAYS[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                               "Thursday", "Friday", "Saturday"};
    // A day of room at both ends: the local date and that of UTC may differ.
    if (instant < sys_days(year(1) / January / 2) || instant >= sys_days(year(9999) / December / 31))
        throw tenon::ToolError("The result is outside the years 1 to 9999.");

    const ZoneInfo info = zone.at(instant);
    const LocalTime local = zone.toLocal(instant);
    const local_days day = floor<days>(local);
    const year_month_day date(day);
    const Instant utcDay = floor<days>(instant);

    Moment moment;
    moment.date = formatDate(date);
    moment.time = formatTime(local - day);
    moment.offset = formatOffset(roundOffset(info.offset));
    moment.offsetSeconds = info.offset.count();
    if (roundOffset(info.offset) != info.offset)
        moment.note = roundingNote(info.offset);
    if (zone.isOfDatabase() && date.year() < year(2007) && !whyFewZones().empty())
        addNote(moment.note, "The rules are this Windows' own, which know little of the years before 2007.");
    moment.dateTime = moment.date + 'T' + moment.time + moment.offset;
    moment.zone = zone.name();
    if (!info.abbreviation.empty())
        moment.abbreviation = info.abbreviation;
    moment.daylightSaving = info.daylightSaving;
    moment.utc = formatDate(year_month_day(floor<days>(instant))) + 'T' + formatTime(instant - utcDay) + 'Z';
    moment.unixSeconds = floor<seconds>(instant).time_since_epoch().count();
    moment.weekday = WEEKDAYS[weekday(day).c_encoding()];
    moment.isoWeek = isoWeekOf(day);
    moment.dayOfYear = static_cast<int>((day - local_days(date.year() / January / 1)).count()) + 1;
    return moment;
}

Given instantOf(const std::string& text, const std::optional<std::string>& zoneName, const std::string& defaultZone,
                Occurrence occurrence, Instant now)
{
    static const std::string FINER = "Digits beyond milliseconds were dropped.";
    const Zone named = Zone::named(zoneName.value_or(defaultZone));
    if (isNow(text))
        return {now, named, std::nullopt};
    if (const auto unixTime = parseUnixSeconds(text))
        return {Instant(unixTime->sinceEpoch), named, unixTime->finer ? std::optional(FINER) : std::nullopt};

    const DateTime parsed = parseDateTime(text);
    const Zone zone = parsed.offset && !zoneName ? Zone::fixed(*parsed.offset) : named;
    const local_days day = parsed.date ? local_days(*parsed.date)
                                       : floor<days>((parsed.offset ? Zone::fixed(*parsed.offset) : zone).toLocal(now));
    const LocalTime local = day + parsed.timeOfDay.value_or(milliseconds(0));
    Given given{Instant(local.time_since_epoch()), zone, std::nullopt};
    if (parsed.offset)
        given.instant -= *parsed.offset;
    else
    {
        const Resolved resolved = zone.toInstant(local, occurrence);
        given.instant = resolved.instant;
        given.note = noteOf(resolved, text, zone);
    }
    if (parsed.finer)
        addNote(given.note, FINER);
    return given;
}

} // namespace clock_plugin

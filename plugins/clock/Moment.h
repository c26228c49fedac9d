#pragma once

#include "clock/Zone.h"

#include <tenon/describe.hpp>

#include <optional>

namespace clock_plugin
{

/// An instant in a zone, with what people ask about it.
struct Moment
{
    std::string dateTime;
    std::string date;
    std::string time;
    std::string zone;
    std::string offset;
    int64_t offsetSeconds = 0;
    std::optional<std::string> abbreviation;
    bool daylightSaving = false;
    std::string utc;
    int64_t unixSeconds = 0;
    std::string weekday;
    std::string isoWeek;
    int dayOfYear = 0;
    std::optional<std::string> note;
};

inline auto describe(tenon::Type<Moment>)
{
    using tenon::field;
    return tenon::object(
        field("dateTime", &Moment::dateTime, "RFC 3339, local time with its offset", tenon::format("date-time")),
        field("date", &Moment::date, "The local date", tenon::format("date")),
        field("time", &Moment::time, "The local time of day, HH:MM:SS"),
        field("zone", &Moment::zone, "The IANA time zone, or a fixed offset"),
        field("offset", &Moment::offset, "East of UTC, +HH:MM; rounded to minutes, see `note`"),
        field("offsetSeconds", &Moment::offsetSeconds, "East of UTC, exactly"),
        field("abbreviation", &Moment::abbreviation, "What the zone is called then: CET, CEST"),
        field("daylightSaving", &Moment::daylightSaving, "Whether daylight saving time is in force"),
        field("utc", &Moment::utc, "The same instant in UTC", tenon::format("date-time")),
        field("unixSeconds", &Moment::unixSeconds, "Seconds since 1970-01-01T00:00:00Z"),
        field("weekday", &Moment::weekday, "Monday to Sunday"),
        field("isoWeek", &Moment::isoWeek, "ISO 8601 week, YYYY-Www"),
        field("dayOfYear", &Moment::dayOfYear, "From 1", tenon::range(1, 366)),
        field("note", &Moment::note,
              "What was unusual: a local time that is skipped or occurs twice, an offset that was rounded"));
}

/// Errors: tenon::ToolError outside the years 1 to 9999.
Moment momentOf(Instant instant, const Zone& zone);

/// "2026-03-29T02:30:00".
std::string formatLocal(LocalTime local);

/// Appends a sentence to a note.
void addNote(std::optional<std::string>& note, const std::string& sentence);

/// What to say of a local time that the clocks skipped or showed twice; nothing if they showed it once.
std::optional<std::string> noteOf(const Resolved& resolved, const std::string& text, const Zone& zone);

/// The instant that a text means in `zone`, or in its own offset; a time without a date is one of the day of `now`.
struct Given
{
    Instant instant;
    Zone zone; ///< the text's own offset if no zone was named
    std::optional<std::string> note;
};

/// Shape:  what parseDateTime and parseUnixSeconds take, or "now".
/// Errors: tenon::ToolError.
Given instantOf(const std::string& text, const std::optional<std::string>& zoneName, const std::string& defaultZone,
                Occurrence occurrence, Instant now);

} // namespace clock_plugin

#pragma once

#include "clock/Iso.h"
#include "clock/Zone.h"

namespace clock_plugin
{

/// What an addition comes to, and how its day on the calendar was found.
struct Sum
{
    Instant instant;
    LocalTime onCalendar;   ///< after years, months, weeks and days
    Resolved resolved;      ///< of that local time; says nothing if the duration had none of these
    bool shortened = false; ///< the month that it came to has no such day: its last one was taken
};

/// Adds a duration: years, months, weeks and days on the calendar of the zone (31 January and a month is the last of
/// February; the time of day stays, whatever the clocks do), then hours, minutes and seconds as elapsed time.
///
/// Errors: tenon::ToolError outside the years 1 to 9999.
Sum addOnCalendar(Instant instant, const Zone& zone, const Duration& duration, Occurrence occurrence);

/// The same, of which only the instant is wanted.
Instant add(Instant instant, const Zone& zone, const Duration& duration);

/// The calendar duration from `from` to `to` in the zone, without weeks: the largest D with add(from, D) <= to.
/// Negative if `to` is earlier.
Duration difference(Instant from, Instant to, const Zone& zone);

/// Days from Monday to Friday from the local date of `from`, included, to that of `to`, excluded; negative if `to` is
/// earlier.
int64_t weekdaysBetween(Instant from, Instant to, const Zone& zone);

} // namespace clock_plugin

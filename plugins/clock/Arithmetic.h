#pragma once

#include "clock/Iso.h"
#include "clock/Zone.h"

namespace clock_plugin
{

/// Adds a duration: years, months, weeks and days on the calendar of the zone (31 January and a month is the last of
/// February; the time of day stays, whatever the clocks do), then hours, minutes and seconds as elapsed time.
///
/// Errors: tenon::ToolError outside the years 1 to 9999.
Instant add(Instant instant, const Zone& zone, const Duration& duration);

/// The calendar duration from `from` to `to` in the zone, without weeks: the largest D with add(from, D) <= to.
/// Negative if `to` is earlier.
Duration difference(Instant from, Instant to, const Zone& zone);

/// Days from Monday to Friday from the local date of `from`, included, to that of `to`, excluded; negative if `to` is
/// earlier.
int64_t weekdaysBetween(Instant from, Instant to, const Zone& zone);

} // namespace clock_plugin

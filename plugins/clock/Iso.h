#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Dates, times and durations as texts. Spec: ISO 8601 and RFC 3339, years 0001 to 9999.
namespace clock_plugin
{

/// What a text says: a date, a time of day, both, and perhaps an offset.
struct DateTime
{
    std::optional<std::chrono::year_month_day> date;
    std::optional<std::chrono::milliseconds> timeOfDay;
    std::optional<std::chrono::seconds> offset;
    bool finer = false; ///< digits beyond milliseconds were dropped
};

/// Shape:  "2026-11-20", "2026-11-20T10:19:48.250+01:00", "2026-11-20 10:19Z", "10:19".
/// Errors: tenon::ToolError that says what is wrong.
DateTime parseDateTime(const std::string& text);

/// A calendar duration. All parts have the same sign.
struct Duration
{
    int64_t years = 0;
    int64_t months = 0;
    int64_t weeks = 0;
    int64_t days = 0;
    int64_t hours = 0;
    int64_t minutes = 0;
    std::chrono::milliseconds seconds{0};

    Duration negated() const;
};

struct UnixTime
{
    std::chrono::milliseconds sinceEpoch{0};
    bool finer = false; ///< digits beyond milliseconds were dropped
};

/// Seconds since 1970.
///
/// Shape:  "@1795169940", "@-1.5", or without the "@" if it cannot be a date in digits ("2026", "20261120") and is no
///         number of milliseconds. Nothing if the text is none.
/// Errors: tenon::ToolError if it could be something else, or is outside of the years 1 to 9999.
std::optional<UnixTime> parseUnixSeconds(const std::string& text);

/// Shape:  "P1Y2M3DT4H5M6.5S", "P2W", "-P1D".
/// Errors: tenon::ToolError that says what is wrong.
Duration parseDuration(const std::string& text);
std::string formatDuration(const Duration& duration);

/// "+01:00", "-03:30", "+00:00"; seconds only if there are any.
std::string formatOffset(std::chrono::seconds offset);

/// To whole minutes, half ones away from zero: RFC 3339 has no seconds in offsets.
std::chrono::seconds roundOffset(std::chrono::seconds offset);

/// Shape: "+01:00", "-0330", "+02"; nothing if it is none.
std::optional<std::chrono::seconds> parseOffset(std::string_view text);

std::string formatDate(std::chrono::year_month_day date);

/// "10:19:48", with milliseconds only if there are any.
std::string formatTime(std::chrono::milliseconds timeOfDay);

} // namespace clock_plugin

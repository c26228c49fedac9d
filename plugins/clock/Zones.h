#pragma once

#include <chrono>
#include <string>
#include <vector>

/// The time zone database, behind four functions: the only place that differs by platform.
///
/// Unix:    the system's tz database (package tzdata), read by Howard Hinnant's date library.
/// Windows: ICU, which is part of the system since Windows 10 1903.
///
/// Threading: any thread.
namespace clock_plugin
{

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

struct ZoneInfo
{
    std::chrono::seconds offset; ///< east of UTC
    std::string abbreviation;    ///< "CET"
    bool daylightSaving;
};

/// Whether the database has the zone: "Europe/Berlin", "UTC". The case matters.
bool hasZone(const std::string& name);

/// Errors: std::runtime_error if there is no such zone.
ZoneInfo zoneInfo(const std::string& name, Instant instant);

/// All names, in alphabetical order.
std::vector<std::string> zoneNames();

/// The zone that the machine is set to; "UTC" if that cannot be told.
std::string systemZone();

} // namespace clock_plugin

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

/// The time zone database, behind four functions: the only place that differs by platform.
///
/// Unix:    the system's tz database (package tzdata).
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

/// What one zone's clocks show, at any time.
///
/// Threading: immutable.
class ZoneRules
{
public:
    virtual ~ZoneRules() = default;
    virtual ZoneInfo at(Instant instant) const = 0;
};

/// The zone of that name, "Europe/Berlin"; the case matters. Nothing if the database has none. A database that was
/// replaced since the last call is read again.
///
/// Errors: std::runtime_error if the database has it, but broken.
std::shared_ptr<const ZoneRules> zoneRules(const std::string& name);

/// All names, in alphabetical order. Empty if there is no database.
std::vector<std::string> zoneNames();

/// The zone that the machine is set to; empty if it has one whose name cannot be told.
std::string systemZone();

} // namespace clock_plugin

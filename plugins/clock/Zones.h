#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

/// The time zone database, behind a few functions: the only place that differs by platform.
///
/// Unix:    the system's tz database (package tzdata), or the folder that TZDIR names.
/// Windows: the folder that TZDIR names; else ICU, which is part of the system since Windows 10 1703; else the zones of the
///          registry, by Windows' own names.
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

/// Why a zone may be unknown that others know, and what an operator can do about it, in sentences; empty if the database is
/// there.
std::string whyFewZones();

/// The zone that the machine is set to; empty if it has one whose name cannot be told.
std::string systemZone();

} // namespace clock_plugin

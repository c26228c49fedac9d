#pragma once

#include "clock/Zones.h"

namespace clock_plugin
{

/// A time on the wall, without a zone.
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

/// Which of two instants is meant by a time that the clocks show twice, when they are put back.
enum class Occurrence
{
    Earlier,
    Later
};

/// The instant of a local time, and whether there were two of them or none.
struct Resolved
{
    Instant instant;
    bool repeated = false; ///< the clocks showed it twice
    bool skipped = false;  ///< the clocks never showed it: `instant` is as much later as they were put forward
};

/// A time zone of the database, or a fixed offset from UTC.
///
/// Threading: immutable.
class Zone
{
public:
    /// Shape:  "Europe/Berlin", in any case; "UTC", "Z", "+05:30", "UTC+5:30", or "local" for the machine's own.
    /// Errors: tenon::ToolError that names near matches, never one with the opposite sign.
    static Zone named(const std::string& name);
    static Zone fixed(std::chrono::seconds offset);

    const std::string& name() const { return _name; }
    bool isOfDatabase() const { return _rules != nullptr; }
    ZoneInfo at(Instant instant) const;
    LocalTime toLocal(Instant instant) const;
    Resolved toInstant(LocalTime local, Occurrence occurrence) const;

private:
    Zone(std::string name, std::chrono::seconds offset);
    Zone(std::string name, std::shared_ptr<const ZoneRules> rules);

    std::string _name;
    std::chrono::seconds _offset{0};
    std::shared_ptr<const ZoneRules> _rules; ///< null for a fixed offset
};

} // namespace clock_plugin

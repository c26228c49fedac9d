#include "clock/Zone.h"

#include "clock/Iso.h"

#include <tenon/errors.hpp>

#include <algorithm>

namespace clock_plugin
{

namespace
{

std::string lowered(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// Zones whose name or last part is `name` but for case, spaces and underscores: "new york", "BERLIN".
std::string nearMatches(const std::string& name)
{
    std::string wanted = lowered(name);
    std::replace(wanted.begin(), wanted.end(), ' ', '_');
    std::string matches;
    for (const std::string& zone : zoneNames())
    {
        const std::string lower = lowered(zone);
        if (lower == wanted || lower.substr(lower.rfind('/') + 1) == wanted)
            matches += (matches.empty() ? "" : ", ") + zone;
    }
    return matches;
}

} // namespace

Zone::Zone(std::string name, std::optional<std::chrono::seconds> offset) : _name(std::move(name)), _offset(offset) {}

Zone Zone::named(const std::string& name)
{
    if (name == "Z" || name == "UTC")
        return {"UTC", std::chrono::seconds(0)};
    if (name == "local")
        return named(systemZone());
    if (const auto offset = parseOffset(name))
        return fixed(*offset);
    // A name such as "../../etc/passwd" must not reach a database that consists of files.
    if (name.find("..") == std::string::npos && name.find('\0') == std::string::npos && name.rfind('/', 0) != 0 &&
        hasZone(name))
        return {name, std::nullopt};
    const std::string near = nearMatches(name);
    throw tenon::ToolError("There is no time zone '" + name + "'." +
                           (near.empty() ? " Use an IANA name such as Europe/Berlin, UTC or an offset such as +02:00;"
                                           " clock_zones searches for names."
                                         : " Did you mean " + near + "?"));
}

Zone Zone::fixed(std::chrono::seconds offset)
{
    return {formatOffset(offset), offset};
}

ZoneInfo Zone::at(Instant instant) const
{
    if (_offset)
        return {*_offset, _name == "UTC" ? "UTC" : "", false};
    return zoneInfo(_name, instant);
}

LocalTime Zone::toLocal(Instant instant) const
{
    return LocalTime(instant.time_since_epoch() + at(instant).offset);
}

Resolved Zone::toInstant(LocalTime local, Occurrence occurrence) const
{
    using std::chrono::hours;
    // No zone changes its offset twice within two days, so the offsets of the day before and the day after are the only
    // ones that can apply.
    const Instant asUtc(local.time_since_epoch());
    const std::chrono::seconds before = at(asUtc - hours(24)).offset;
    const std::chrono::seconds after = at(asUtc + hours(24)).offset;
    const Instant first = asUtc - before;
    const Instant second = asUtc - after;
    const bool firstHolds = at(first).offset == before;
    const bool secondHolds = at(second).offset == after;
    if (firstHolds && secondHolds && first != second)
        return {occurrence == Occurrence::Earlier ? std::min(first, second) : std::max(first, second), true, false};
    if (firstHolds)
        return {first, false, false};
    if (secondHolds)
        return {second, false, false};
    return {first, false, true};
}

} // namespace clock_plugin

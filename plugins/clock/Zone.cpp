#include "clock/Zone.h"

#include "clock/Iso.h"

#include <tenon/errors.hpp>

#include <algorithm>
#include <optional>

namespace clock_plugin
{

namespace
{

/// Lower case, with underscores for spaces: how names are compared.
std::string folded(std::string text)
{
    for (char& c : text)
        c = c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// The zone whose name is `name` but for case, if there is exactly one.
std::optional<std::string> inAnotherCase(const std::string& name)
{
    std::optional<std::string> found;
    for (const std::string& zone : zoneNames())
        if (folded(zone) == folded(name))
        {
            if (found)
                return std::nullopt;
            found = zone;
        }
    return found;
}

/// Zones whose last part is `name` but for case: "new york", "BERLIN".
std::string nearMatches(const std::string& name)
{
    const std::string wanted = folded(name);
    std::string matches;
    for (const std::string& zone : zoneNames())
    {
        const std::string lower = folded(zone);
        if (lower == wanted || lower.substr(lower.rfind('/') + 1) == wanted)
            matches += (matches.empty() ? "" : ", ") + zone;
    }
    return matches;
}

/// The offset in "UTC+2", "GMT-3" or "utc+05:30"; `prefix` is what stands before it, in lower case.
std::optional<std::chrono::seconds> offsetAfter(const std::string& prefix, const std::string& name)
{
    if (folded(name).rfind(prefix, 0) != 0)
        return std::nullopt;
    std::string offset = name.substr(prefix.size());
    const bool oneDigit = offset.size() >= 2 && (offset.size() == 2 || offset[2] == ':');
    if (oneDigit)
        offset.insert(1, "0");
    return parseOffset(offset);
}

[[noreturn]] void refuse(const std::string& name)
{
    const std::string there = "There is no time zone '" + name + "'.";
    // The zones of the database that end like this one count to the west: none of them may be suggested.
    if (const auto offset = offsetAfter("gmt", name))
        throw tenon::ToolError(there + " Did you mean the offset " + formatOffset(*offset) + ", " +
                               (offset->count() < 0 ? "west" : "east") + " of Greenwich? Give it in that form.");
    if (const std::string why = whyFewZones(); !why.empty())
        throw tenon::ToolError(there + ' ' + why);
    const std::string near = nearMatches(name);
    throw tenon::ToolError(there + (near.empty() ? " Use an IANA name such as Europe/Berlin, UTC or an offset such as "
                                                   "+02:00; clock_zones searches for names."
                                                 : " Did you mean " + near + "?"));
}

} // namespace

Zone::Zone(std::string name, std::chrono::seconds offset) : _name(std::move(name)), _offset(offset) {}

Zone::Zone(std::string name, std::shared_ptr<const ZoneRules> rules) : _name(std::move(name)), _rules(std::move(rules))
{
}

Zone Zone::named(const std::string& given)
{
    const std::size_t first = given.find_first_not_of(' '), last = given.find_last_not_of(' ');
    const std::string name = first == std::string::npos ? given : given.substr(first, last - first + 1);
    if (name == "Z" || name == "z" || folded(name) == "utc")
        return {"UTC", std::chrono::seconds(0)};
    if (folded(name) == "local")
    {
        const std::string system = systemZone();
        if (system.empty())
            throw tenon::ToolError("The name of this machine's time zone cannot be told: name a zone, such as "
                                   "Europe/Berlin, or UTC." +
                                   (whyFewZones().empty() ? "" : ' ' + whyFewZones()));
        return named(system);
    }
    if (const auto offset = parseOffset(name))
        return fixed(*offset);
    if (auto rules = zoneRules(name))
        return {name, std::move(rules)};
    if (const auto zone = inAnotherCase(name))
        return {*zone, zoneRules(*zone)};
    if (const auto offset = offsetAfter("utc", name))
        return fixed(*offset);
    refuse(name);
}

Zone Zone::fixed(std::chrono::seconds offset)
{
    return {formatOffset(offset), offset};
}

ZoneInfo Zone::at(Instant instant) const
{
    if (!_rules)
        return {_offset, _name == "UTC" ? "UTC" : "", false};
    return _rules->at(instant);
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

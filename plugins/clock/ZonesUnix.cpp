#include "clock/Zones.h"

#include <date/tz.h>

#include <algorithm>

namespace clock_plugin
{

bool hasZone(const std::string& name)
{
    try
    {
        return date::locate_zone(name) != nullptr;
    }
    catch (const std::runtime_error&)
    {
        return false;
    }
}

ZoneInfo zoneInfo(const std::string& name, Instant instant)
{
    const date::sys_info info = date::locate_zone(name)->get_info(std::chrono::floor<std::chrono::seconds>(instant));
    return {info.offset, info.abbrev, info.save != std::chrono::minutes(0)};
}

std::vector<std::string> zoneNames()
{
    std::vector<std::string> names;
    for (const date::time_zone& zone : date::get_tzdb().zones)
        names.push_back(zone.name());
    // The folder has tables beside the zones.
    names.erase(std::remove_if(names.begin(), names.end(),
                               [](const std::string& name) { return name.find('.') != std::string::npos; }),
                names.end());
    std::sort(names.begin(), names.end());
    return names;
}

std::string systemZone()
{
    try
    {
        return date::current_zone()->name();
    }
    catch (const std::runtime_error&)
    {
        return "UTC";
    }
}

} // namespace clock_plugin

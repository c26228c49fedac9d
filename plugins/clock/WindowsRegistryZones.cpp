#include "clock/WindowsZones.h"

#include <algorithm>
#include <map>

#include <windows.h>

namespace clock_plugin
{

namespace
{

using namespace std::chrono;

std::string narrowed(const wchar_t* text)
{
    std::string utf8(3 * wcslen(text), '\0');
    const int size =
        WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8.data(), static_cast<int>(utf8.size()) + 1, nullptr, nullptr);
    utf8.resize(size > 0 ? static_cast<std::size_t>(size) - 1 : 0);
    return utf8;
}

/// The time as Windows has it, which begins with 1601: what was before is taken for the same hour of that year.
SYSTEMTIME systemTimeOf(sys_time<milliseconds> instant)
{
    const sys_days day = floor<days>(instant);
    const year_month_day date(day);
    const hh_mm_ss<milliseconds> time(instant - day);
    SYSTEMTIME system{};
    system.wYear = static_cast<WORD>(std::max(static_cast<int>(date.year()), 1602));
    system.wMonth = static_cast<WORD>(static_cast<unsigned>(date.month()));
    system.wDay = static_cast<WORD>(static_cast<unsigned>(date.day()));
    system.wHour = static_cast<WORD>(time.hours().count());
    system.wMinute = static_cast<WORD>(time.minutes().count());
    system.wSecond = static_cast<WORD>(time.seconds().count());
    return system;
}

sys_seconds instantOf(const SYSTEMTIME& system)
{
    return sys_days(year(system.wYear) / month(system.wMonth) / day(system.wDay)) + hours(system.wHour) +
           minutes(system.wMinute) + seconds(system.wSecond);
}

class RegistryRules : public ZoneRules
{
public:
    explicit RegistryRules(const DYNAMIC_TIME_ZONE_INFORMATION& zone) : _zone(zone) {}

    ZoneInfo at(Instant instant) const override
    {
        // Not the function that does both: Wine lacks it.
        const SYSTEMTIME utc = systemTimeOf(instant);
        DYNAMIC_TIME_ZONE_INFORMATION zone = _zone; // which is not declared to be left alone
        TIME_ZONE_INFORMATION ofYear{};
        SYSTEMTIME local{};
        if (!GetTimeZoneInformationForYear(utc.wYear, &zone, &ofYear) ||
            !SystemTimeToTzSpecificLocalTime(&ofYear, &utc, &local))
            return {minutes(-_zone.Bias), {}, false};
        const seconds offset = instantOf(local) - instantOf(utc);
        return {offset, {}, offset != minutes(-(ofYear.Bias + ofYear.StandardBias))};
    }

private:
    const DYNAMIC_TIME_ZONE_INFORMATION _zone;
};

class RegistryZones : public WindowsZones
{
public:
    RegistryZones()
    {
        DYNAMIC_TIME_ZONE_INFORMATION zone{};
        for (DWORD at = 0; EnumDynamicTimeZoneInformation(at, &zone) == ERROR_SUCCESS; ++at)
            _zones.emplace(narrowed(zone.TimeZoneKeyName), zone);
    }

    std::shared_ptr<const ZoneRules> rules(const std::string& name) const override
    {
        const auto found = _zones.find(name);
        return found == _zones.end() ? nullptr : std::make_shared<RegistryRules>(found->second);
    }

    std::vector<std::string> names() const override
    {
        std::vector<std::string> all;
        for (const auto& [name, zone] : _zones)
            all.push_back(name);
        return all;
    }

    std::string systemZone() const override
    {
        DYNAMIC_TIME_ZONE_INFORMATION zone{};
        if (GetDynamicTimeZoneInformation(&zone) == TIME_ZONE_ID_INVALID)
            return {};
        const std::string name = narrowed(zone.TimeZoneKeyName);
        return _zones.find(name) == _zones.end() ? std::string() : name;
    }

    std::string whyFew() const override
    {
        return "This Windows has no ICU, which knows the IANA time zones (it came with Windows 10 1703): until its "
               "operator sets TZDIR to a folder with the tz database, there are UTC, offsets such as +02:00" +
               std::string(_zones.empty() ? "." : " and Windows' own zones, such as W. Europe Standard Time.");
    }

private:
    std::map<std::string, DYNAMIC_TIME_ZONE_INFORMATION> _zones;
};

} // namespace

std::unique_ptr<WindowsZones> registryZones()
{
    return std::make_unique<RegistryZones>();
}

} // namespace clock_plugin

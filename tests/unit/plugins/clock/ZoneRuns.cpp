#include "clock/Zones.h"

#include <cstdint>
#include <iostream>
#include <string>

/// Prints what the clock knows of time zones, for zones.py to compare: for every name in the standard input its runs of
/// equal offsets from 1900 to 2100, found by the noons of all days (UTC) and, where two differ, by bisection.
///
/// Shape: "=NAME", then lines "FIRST_SECOND OFFSET DAYLIGHT_SAVING ABBREVIATION"; "!NAME" if there is no such zone.

namespace
{

using namespace clock_plugin;

constexpr int64_t DAY = 86400;
constexpr int64_t FIRST_NOON = -25567 * DAY + DAY / 2; // 1900-01-01
constexpr int64_t NOONS = 73414;

ZoneInfo at(const ZoneRules& zone, int64_t second)
{
    return zone.at(Instant(std::chrono::seconds(second)));
}

void printRun(const ZoneRules& zone, int64_t second)
{
    const ZoneInfo info = at(zone, second);
    std::cout << second << ' ' << info.offset.count() << ' ' << info.daylightSaving << ' ' << info.abbreviation << '\n';
}

void printRuns(const ZoneRules& zone)
{
    printRun(zone, FIRST_NOON);
    auto before = at(zone, FIRST_NOON).offset;
    for (int64_t i = 1; i < NOONS; ++i)
    {
        const int64_t noon = FIRST_NOON + i * DAY;
        const auto offset = at(zone, noon).offset;
        if (offset == before)
            continue;
        int64_t low = noon - DAY;
        int64_t high = noon;
        while (high - low > 1)
        {
            const int64_t middle = low + (high - low) / 2;
            (at(zone, middle).offset == before ? low : high) = middle;
        }
        printRun(zone, high);
        before = offset;
    }
}

} // namespace

int main()
{
    for (std::string name; std::getline(std::cin, name);)
    {
        const auto zone = zoneRules(name);
        std::cout << (zone ? '=' : '!') << name << '\n';
        if (zone)
            printRuns(*zone);
    }
    return 0;
}

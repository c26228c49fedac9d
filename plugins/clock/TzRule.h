#pragma once

#include "clock/Zones.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace clock_plugin
{

/// The rule at the end of a tzfile, for all the years behind its table.
///
/// Shape:     "CET-1CEST,M3.5.0,M10.5.0/3", "<+0545>-5:45", "IST-1GMT0,M10.5.0,M3.5.0/1".
/// Threading: immutable.
/// Spec:      POSIX, TZ; RFC 8536, 3.3 and 3.3.1 (hours from -167 to 167).
class TzRule
{
public:
    /// Nothing if the text is no rule.
    static std::optional<TzRule> parse(std::string_view text);

    /// Units: seconds since 1970.
    ZoneInfo at(int64_t second) const;

private:
    /// One of the two changes of a year.
    struct Change
    {
        enum class Form
        {
            WEEKDAY,     ///< Mm.w.d
            JULIAN,      ///< Jn, from 1, never 29 February
            DAY_OF_YEAR, ///< n, from 0
        };

        Form form = Form::DAY_OF_YEAR;
        int month = 1;
        int week = 1;
        int day = 0;
        int64_t time = 7200; ///< seconds after midnight

        /// Seconds since 1970 on the clock on the wall.
        int64_t in(int64_t year) const;
    };

    class Parser;

    ZoneInfo _standard{};
    std::optional<ZoneInfo> _saving;
    Change _start; ///< of `_saving`
    Change _end;
};

} // namespace clock_plugin

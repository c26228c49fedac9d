#include "clock/Arithmetic.h"
#include "clock/Moment.h"

#include <tenon/errors.hpp>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace clock_plugin;
using namespace std::chrono;

/// Zones, moments and arithmetic.
class ClockTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClockTest);
    CPPUNIT_TEST(zones);
    CPPUNIT_TEST(zoneNamesAreZones);
    CPPUNIT_TEST(unknownZone);
    CPPUNIT_TEST(moment);
    CPPUNIT_TEST(isoWeeks);
    CPPUNIT_TEST(skippedAndRepeated);
    CPPUNIT_TEST(givenTimes);
    CPPUNIT_TEST(timeOfToday);
    CPPUNIT_TEST(addCalendar);
    CPPUNIT_TEST(addAcrossDaylightSaving);
    CPPUNIT_TEST(addOutOfRange);
    CPPUNIT_TEST(differences);
    CPPUNIT_TEST(differenceIsWhatAddUndoes);
    CPPUNIT_TEST(weekdays);
    CPPUNIT_TEST_SUITE_END();

    static constexpr Instant NOW = sys_days(2026y / November / 20) + 10h + 19min;

    static Given given(const std::string& text, const std::string& zone = "UTC")
    {
        return instantOf(text, zone, "UTC", Occurrence::Earlier, NOW);
    }

    static std::string shown(Instant instant, const std::string& zone = "UTC")
    {
        return momentOf(instant, Zone::named(zone)).dateTime;
    }

    static std::string sum(const std::string& text, const std::string& duration, const std::string& zone = "UTC")
    {
        const Given start = given(text, zone);
        return shown(add(start.instant, start.zone, parseDuration(duration)), zone);
    }

    static std::string span(const std::string& from, const std::string& to, const std::string& zone = "UTC")
    {
        return formatDuration(difference(given(from, zone).instant, given(to, zone).instant, Zone::named(zone)));
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void zones()
    {
        const ZoneInfo winter = Zone::named("Europe/Berlin").at(NOW);
        CPPUNIT_ASSERT(winter.offset == 1h && !winter.daylightSaving);
        expect("CET", winter.abbreviation);
        const ZoneInfo summer = Zone::named("Europe/Berlin").at(sys_days(2026y / July / 1));
        CPPUNIT_ASSERT(summer.offset == 2h && summer.daylightSaving);
        CPPUNIT_ASSERT(Zone::named("Asia/Kathmandu").at(NOW).offset == 5h + 45min);
        CPPUNIT_ASSERT(Zone::named("-03:30").at(NOW).offset == -(3h + 30min));
        expect("UTC", Zone::named("Z").name());
        CPPUNIT_ASSERT(!Zone::named("local").name().empty());
    }

    void zoneNamesAreZones()
    {
        const std::vector<std::string> names = zoneNames();
        CPPUNIT_ASSERT(names.size() > 300);
        CPPUNIT_ASSERT(std::is_sorted(names.begin(), names.end()));
        for (const std::string& name : names)
            CPPUNIT_ASSERT_NO_THROW_MESSAGE(name, zoneInfo(name, NOW));
    }

    void unknownZone()
    {
        const auto message = [](const std::string& name)
        {
            try
            {
                Zone::named(name);
                return std::string();
            }
            catch (const tenon::ToolError& error)
            {
                return std::string(error.what());
            }
        };
        expect("There is no time zone 'new york'. Did you mean America/New_York?", message("new york"));
        CPPUNIT_ASSERT(message("Mars/Olympus").find("clock_zones") != std::string::npos);
        for (const char* name : {"", "../UTC", "/etc/passwd", "Europe", "Europe/", "+25:00"})
            CPPUNIT_ASSERT_MESSAGE(name, !message(name).empty());
    }

    void moment()
    {
        const Moment moment = momentOf(NOW, Zone::named("Europe/Berlin"));
        expect("2026-11-20T11:19:00+01:00", moment.dateTime);
        expect("2026-11-20", moment.date);
        expect("11:19:00", moment.time);
        expect("+01:00", moment.offset);
        expect("2026-11-20T10:19:00Z", moment.utc);
        expect("Friday", moment.weekday);
        expect("2026-W47", moment.isoWeek);
        CPPUNIT_ASSERT_EQUAL(324, moment.dayOfYear);
        CPPUNIT_ASSERT_EQUAL(int64_t(1795169940), moment.unixSeconds);
        expect("2026-11-21T00:19:00+14:00", shown(NOW, "Pacific/Kiritimati"));
        CPPUNIT_ASSERT(!momentOf(NOW, Zone::named("+02:00")).abbreviation);
    }

    void isoWeeks()
    {
        const auto week = [](const std::string& date)
        { return momentOf(given(date).instant, Zone::named("UTC")).isoWeek; };
        expect("2020-W53", week("2021-01-03"));
        expect("2021-W01", week("2021-01-04"));
        expect("2026-W01", week("2025-12-29"));
        expect("2022-W52", week("2023-01-01"));
    }

    void skippedAndRepeated()
    {
        const Given skipped = given("2026-03-29T02:30", "Europe/Berlin");
        expect("2026-03-29T03:30:00+02:00", shown(skipped.instant, "Europe/Berlin"));
        CPPUNIT_ASSERT(skipped.note && skipped.note->find("does not exist") != std::string::npos);

        const Given repeated = given("2026-10-25T02:30", "Europe/Berlin");
        expect("2026-10-25T02:30:00+02:00", shown(repeated.instant, "Europe/Berlin"));
        CPPUNIT_ASSERT(repeated.note && repeated.note->find("occurs twice") != std::string::npos);
        const Given later = instantOf("2026-10-25T02:30", "Europe/Berlin", "UTC", Occurrence::Later, NOW);
        expect("2026-10-25T02:30:00+01:00", shown(later.instant, "Europe/Berlin"));

        CPPUNIT_ASSERT(!given("2026-10-25T03:00", "Europe/Berlin").note);
        CPPUNIT_ASSERT(!given("2026-10-25T01:59:59", "Europe/Berlin").note);
        CPPUNIT_ASSERT(!given("2026-03-29T03:00", "Europe/Berlin").note);
        // Samoa left out a whole day.
        CPPUNIT_ASSERT(given("2011-12-30T12:00", "Pacific/Apia").note);
    }

    void givenTimes()
    {
        expect("2026-07-01T08:00:00+00:00", shown(given("2026-07-01T10:00", "Europe/Berlin").instant));
        expect("2026-07-01T05:00:00+00:00", shown(given("2026-07-01T10:00+05:00", "Europe/Berlin").instant));
        const Given own = instantOf("2026-07-01T10:00+05:00", std::nullopt, "Europe/Berlin", Occurrence::Earlier, NOW);
        expect("+05:00", own.zone.name());
        const Given home = instantOf("2026-07-01T10:00", std::nullopt, "Europe/Berlin", Occurrence::Earlier, NOW);
        expect("Europe/Berlin", home.zone.name());
        expect("2026-07-02T00:00:00+00:00", shown(given("2026-07-01T24:00").instant));
    }

    void timeOfToday()
    {
        expect("2026-11-20T09:00:00+00:00", shown(given("09:00").instant));
        expect("2026-11-21T09:00:00+14:00", shown(given("09:00", "Pacific/Kiritimati").instant, "Pacific/Kiritimati"));
    }

    void addCalendar()
    {
        expect("2026-02-28T00:00:00+00:00", sum("2026-01-31", "P1M"));
        expect("2024-02-29T00:00:00+00:00", sum("2024-01-31", "P1M"));
        expect("2025-02-28T00:00:00+00:00", sum("2024-02-29", "P1Y"));
        expect("2026-01-01T01:00:00+00:00", sum("2025-12-31T23:00", "PT2H"));
        expect("2026-03-01T00:00:00+00:00", sum("2026-02-01", "P4W"));
        expect("2025-12-31T00:00:00+00:00", sum("2026-01-31", "-P1M"));
        expect("2026-01-02T00:00:00.250+00:00", sum("2026-01-01", "P1DT0.25S"));
    }

    void addAcrossDaylightSaving()
    {
        expect("2026-03-29T12:00:00+02:00", sum("2026-03-28T12:00", "P1D", "Europe/Berlin"));
        expect("2026-03-29T13:00:00+02:00", sum("2026-03-28T12:00", "PT24H", "Europe/Berlin"));
        expect("2026-03-29T03:30:00+02:00", sum("2026-03-28T02:30", "P1D", "Europe/Berlin"));
    }

    void addOutOfRange()
    {
        for (const char* duration : {"P8000Y", "-P2026Y", "P9999999999999D", "PT9999999999999S", "P9999999999999W",
                                     "P9999999999999M", "PT9999999999999H", "-PT9999999999999M"})
            CPPUNIT_ASSERT_THROW_MESSAGE(duration, sum("2026-01-01", duration), tenon::ToolError);
        CPPUNIT_ASSERT_THROW(momentOf(sys_days(10000y / January / 1), Zone::named("UTC")), tenon::ToolError);
        expect("9999-12-30T00:00:00+00:00", sum("9999-12-29", "P1D"));
    }

    void differences()
    {
        expect("P1M", span("2026-01-31", "2026-02-28"));
        expect("P1Y2M3DT4H5M6S", span("2025-01-01", "2026-03-04T04:05:06"));
        expect("PT0S", span("2026-01-01", "2026-01-01"));
        expect("-P1D", span("2026-01-02", "2026-01-01"));
        expect("PT23H", span("2026-01-01T12:00", "2026-01-02T11:00"));
        expect("P1M2D", span("2026-01-31", "2026-03-02"));
        expect("P1D", span("2026-03-28T12:00", "2026-03-29T12:00", "Europe/Berlin"));
        expect("PT3H", span("2026-03-29T00:00", "2026-03-29T04:00", "Europe/Berlin"));
    }

    void differenceIsWhatAddUndoes()
    {
        const Zone berlin = Zone::named("Europe/Berlin");
        uint64_t random = 42;
        const auto next = [&random]
        {
            random = random * 6364136223846793005u + 1442695040888963407u;
            return static_cast<int64_t>(random >> 33) % 2000000000;
        };
        for (int i = 0; i < 2000; ++i)
        {
            const Instant a{seconds(next())};
            const Instant b{seconds(next())};
            const Duration forward = difference(std::min(a, b), std::max(a, b), berlin);
            CPPUNIT_ASSERT_EQUAL(shown(std::max(a, b)), shown(add(std::min(a, b), berlin, forward)));
            CPPUNIT_ASSERT(forward.months < 12 && forward.days < 31 && forward.minutes < 60 && forward.hours < 25);
            CPPUNIT_ASSERT(forward.years >= 0 && forward.months >= 0 && forward.days >= 0 && forward.hours >= 0);
        }
    }

    void weekdays()
    {
        const auto count = [](const std::string& from, const std::string& to)
        { return weekdaysBetween(given(from).instant, given(to).instant, Zone::named("UTC")); };
        CPPUNIT_ASSERT_EQUAL(int64_t(1), count("2026-11-20", "2026-11-21"));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), count("2026-11-21", "2026-11-23"));
        CPPUNIT_ASSERT_EQUAL(int64_t(5), count("2026-11-20", "2026-11-27"));
        CPPUNIT_ASSERT_EQUAL(int64_t(6), count("2026-11-20", "2026-11-30"));
        CPPUNIT_ASSERT_EQUAL(int64_t(-6), count("2026-11-30", "2026-11-20"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClockTest);

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
    CPPUNIT_TEST(zonesInAnyCase);
    CPPUNIT_TEST(offsetsByName);
    CPPUNIT_TEST(rulesBeyondTheTables);
    CPPUNIT_TEST(offsetsWithSeconds);
    CPPUNIT_TEST(moment);
    CPPUNIT_TEST(isoWeeks);
    CPPUNIT_TEST(skippedAndRepeated);
    CPPUNIT_TEST(givenTimes);
    CPPUNIT_TEST(timeOfToday);
    CPPUNIT_TEST(nowAndUnixSeconds);
    CPPUNIT_TEST(digitsThatWereDropped);
    CPPUNIT_TEST(addCalendar);
    CPPUNIT_TEST(addAcrossDaylightSaving);
    CPPUNIT_TEST(addTellsOfGapsAndRepetitions);
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
            CPPUNIT_ASSERT_NO_THROW_MESSAGE(name, zoneRules(name)->at(NOW));
    }

    static std::string refusal(const std::string& name)
    {
        try
        {
            Zone::named(name);
            return {};
        }
        catch (const tenon::ToolError& error)
        {
            return error.what();
        }
    }

    void unknownZone()
    {
        expect("There is no time zone 'new york'. Did you mean America/New_York?", refusal("new york"));
        CPPUNIT_ASSERT(refusal("Mars/Olympus").find("clock_zones") != std::string::npos);
        for (const char* name : {"", "../UTC", "/etc/passwd", "Europe", "Europe/", "+25:00", "libc:localtime",
                                 "file:/etc/localtime", "Fixed/UTC+01:00:00", "posixrules", "tzdata.zi"})
            CPPUNIT_ASSERT_MESSAGE(name, !refusal(name).empty());
    }

    void zonesInAnyCase()
    {
        expect("Europe/Berlin", Zone::named("europe/berlin").name());
        expect("America/New_York", Zone::named("AMERICA/NEW YORK").name());
        expect("America/Port-au-Prince", Zone::named("america/port-AU-prince").name());
        expect("UTC", Zone::named("utc").name());
        expect("UTC", Zone::named("z").name());
        CPPUNIT_ASSERT_EQUAL(Zone::named("local").name(), Zone::named("Local").name());
    }

    void offsetsByName()
    {
        expect("+02:00", Zone::named("UTC+2").name());
        expect("-03:30", Zone::named("utc-3:30").name());
        expect("+05:30", Zone::named("UTC+05:30").name());
        // The database's own Etc/GMT-3 lies at +03:00.
        CPPUNIT_ASSERT(Zone::named("Etc/GMT-3").at(NOW).offset == 3h);
        for (const char* name : {"GMT-3", "gmt-03:00", "GMT-0300"})
        {
            const std::string message = refusal(name);
            CPPUNIT_ASSERT_MESSAGE(message, message.find("-03:00") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(message, message.find("Etc/") == std::string::npos);
        }
        CPPUNIT_ASSERT(refusal("GMT+10").find("+10:00") != std::string::npos);
        CPPUNIT_ASSERT(refusal("UTC+99").find("Etc/") == std::string::npos);
    }

    void rulesBeyondTheTables()
    {
        expect("2050-07-01T12:00:00+02:00", shown(sys_days(2050y / July / 1) + 10h, "Europe/Berlin"));
        expect("2050-01-01T11:00:00+01:00", shown(sys_days(2050y / January / 1) + 10h, "Europe/Berlin"));
        expect("2099-07-01T06:00:00-04:00", shown(sys_days(2099y / July / 1) + 10h, "America/New_York"));
        expect("9999-07-01T12:00:00+02:00", shown(sys_days(9999y / July / 1) + 10h, "Europe/Berlin"));
    }

    void offsetsWithSeconds()
    {
        // Amsterdam, and Brussels for it, was 17 min 30 s ahead; Berlin by 53 min 28 s before 1893.
        const Moment moment = momentOf(sys_days(1890y / January / 1), Zone::named("Europe/Berlin"));
        expect("1890-01-01T00:53:28+00:53", moment.dateTime);
        expect("+00:53", moment.offset);
        CPPUNIT_ASSERT_EQUAL(int64_t(3208), moment.offsetSeconds);
        CPPUNIT_ASSERT(moment.note && moment.note->find("+00:53:28") != std::string::npos);
        CPPUNIT_ASSERT(!momentOf(NOW, Zone::named("Europe/Berlin")).note);
        CPPUNIT_ASSERT(roundOffset(30s) == 1min && roundOffset(29s) == 0min && roundOffset(-30s) == -1min);
        CPPUNIT_ASSERT(roundOffset(-29s) == 0min && roundOffset(1h + 19min + 32s) == 1h + 20min);
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

    void nowAndUnixSeconds()
    {
        for (const char* text : {"now", "NOW", " now "})
            CPPUNIT_ASSERT(given(text, "Europe/Berlin").instant == NOW);
        expect("2026-11-20T10:19:00+00:00", shown(given("1795169940").instant));
        expect("2026-11-20T11:19:00+01:00", shown(given("@1795169940", "Europe/Berlin").instant, "Europe/Berlin"));
        expect("1969-12-31T23:59:58.500+00:00", shown(given("-1.5").instant));
        expect("1970-01-01T00:33:46+00:00", shown(given("@2026").instant));
        expect("0001-06-01T00:00:00+00:00", shown(given("@-62122550400").instant));
        // A year, a date in digits, milliseconds: taken for seconds each would be another time without a word.
        for (const char* text : {"2026", "20261120", "202611", "1795169940000", "@253402300800", "@", "@now",
                                 "99999999999999999999", "17951699400000"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, given(text), tenon::ToolError);
    }

    void digitsThatWereDropped()
    {
        CPPUNIT_ASSERT(given("2026-01-01T00:00:00.1234567Z").note);
        CPPUNIT_ASSERT(given("1795169940.123456").note);
        CPPUNIT_ASSERT(!given("2026-01-01T00:00:00.1230000Z").note);
        CPPUNIT_ASSERT_THROW(parseDuration("PT0.0001S"), tenon::ToolError);
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

    void addTellsOfGapsAndRepetitions()
    {
        const Given start = given("2026-03-28T02:30", "Europe/Berlin");
        const Sum gap = addOnCalendar(start.instant, start.zone, parseDuration("P1D"), Occurrence::Earlier);
        CPPUNIT_ASSERT(gap.resolved.skipped);
        expect("2026-03-29T02:30:00 does not exist in Europe/Berlin, because the clocks are put forward; the time was "
               "moved by as much.",
               noteOf(gap.resolved, formatLocal(gap.onCalendar), start.zone).value());

        const Given autumn = given("2026-10-24T02:30", "Europe/Berlin");
        const Sum later = addOnCalendar(autumn.instant, autumn.zone, parseDuration("P1D"), Occurrence::Later);
        CPPUNIT_ASSERT(later.resolved.repeated);
        expect("2026-10-25T02:30:00+01:00", shown(later.instant, "Europe/Berlin"));
        const Sum elapsed = addOnCalendar(start.instant, start.zone, parseDuration("PT24H"), Occurrence::Earlier);
        CPPUNIT_ASSERT(!noteOf(elapsed.resolved, "", start.zone));
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

#include "clock/Iso.h"

#include <tenon/errors.hpp>

#include <cppunit/extensions/HelperMacros.h>

using namespace clock_plugin;
using namespace std::chrono;

/// Dates, times and durations as texts.
class IsoTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(IsoTest);
    CPPUNIT_TEST(dates);
    CPPUNIT_TEST(times);
    CPPUNIT_TEST(dateTimes);
    CPPUNIT_TEST(refused);
    CPPUNIT_TEST(durations);
    CPPUNIT_TEST(refusedDurations);
    CPPUNIT_TEST(offsets);
    CPPUNIT_TEST(formats);
    CPPUNIT_TEST_SUITE_END();

    static std::string shown(const std::string& text)
    {
        const DateTime parsed = parseDateTime(text);
        return (parsed.date ? formatDate(*parsed.date) : "-") + ' ' +
               (parsed.timeOfDay ? formatTime(*parsed.timeOfDay) : "-") + ' ' +
               (parsed.offset ? formatOffset(*parsed.offset) : "-");
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void dates()
    {
        expect("2026-11-20 - -", shown("2026-11-20"));
        expect("2024-02-29 - -", shown("2024-02-29"));
        expect("0001-01-01 - -", shown("0001-01-01"));
    }

    void times()
    {
        expect("- 10:19:00 -", shown("10:19"));
        expect("- 10:19:48 -", shown("10:19:48"));
        expect("- 10:19:48.250 +00:00", shown("10:19:48.25Z"));
        expect("- 10:19:48.123 -03:30", shown("10:19:48.1239-03:30"));
        expect("- 24:00:00 -", shown("24:00"));
    }

    void dateTimes()
    {
        expect("2026-11-20 10:19:00 -", shown("2026-11-20T10:19"));
        expect("2026-11-20 10:19:00 +00:00", shown("2026-11-20 10:19z"));
        expect("2026-11-20 10:19:48.005 +05:30", shown("2026-11-20T10:19:48,005+0530"));
        expect("2026-11-20 10:19:00 +02:00", shown("2026-11-20t10:19+02"));
    }

    void refused()
    {
        for (const char* text : {"",
                                 "x",
                                 "2026",
                                 "2026-1-2",
                                 "2026-13-01",
                                 "2026-02-29",
                                 "2026-00-10",
                                 "0000-01-01",
                                 "2026-11-20T",
                                 "2026-11-20T25:00",
                                 "2026-11-20T24:01",
                                 "10:60",
                                 "10:00:60",
                                 "10:0",
                                 "10:00:",
                                 "10:00:00.",
                                 "10:00+24:00",
                                 "10:00+1",
                                 "10:00Zx",
                                 "2026-11-20x",
                                 "2026-11-20T10:00 Berlin",
                                 "20261120"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseDateTime(text), tenon::ToolError);
    }

    void durations()
    {
        for (const char* text : {"P1Y2M3W4DT5H6M7S", "P1Y", "P2W", "PT90M", "PT0.500S", "-P1D", "-PT1H", "P1M", "PT1M"})
            expect(text, formatDuration(parseDuration(text)));
        expect("PT0S", formatDuration(parseDuration("PT0S")));
        expect("P3D", formatDuration(parseDuration("+P3D")));
        expect("PT1.250S", formatDuration(parseDuration("PT1,25S")));
        CPPUNIT_ASSERT_EQUAL(int64_t(-2), parseDuration("-P2M").months);
        CPPUNIT_ASSERT_EQUAL(int64_t(2), parseDuration("PT2M").minutes);
    }

    void refusedDurations()
    {
        for (const char* text : {"", "P", "PT", "P1", "1D", "P1D1M", "P1H", "PT1D", "P1.5D", "P1DT", "P-1D", "PT1S1S",
                                 "P99999999999999D", "PT1.H", "p1d"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseDuration(text), tenon::ToolError);
    }

    void offsets()
    {
        CPPUNIT_ASSERT(parseOffset("+01:00") == seconds(3600));
        CPPUNIT_ASSERT(parseOffset("-0330") == -seconds(12600));
        for (const char* text : {"", "01:00", "+1", "+24:00", "+01:60", "+01:0", "+01:00x"})
            CPPUNIT_ASSERT_MESSAGE(text, !parseOffset(text));
    }

    void formats()
    {
        expect("-00:53:28", formatOffset(-seconds(3208)));
        expect("00:00:00", formatTime(milliseconds(0)));
        expect("23:59:59.999", formatTime(milliseconds(86399999)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IsoTest);

#include "clock/TzFile.h"
#include "clock/Zone.h"
#include "support/TemporaryFolder.h"

#include <tenon/errors.hpp>

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

using namespace clock_plugin;
using namespace std::chrono;

/// Files of the time zone database: slim ones, broken ones, and one that is replaced. zones.py compares the whole database.
class TzFileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TzFileTest);
    CPPUNIT_TEST(rules);
    CPPUNIT_TEST(rulesOfUnusualZones);
    CPPUNIT_TEST(savingAllTheYear);
    CPPUNIT_TEST(brokenRules);
    CPPUNIT_TEST(ruleAfterTheLastChange);
    CPPUNIT_TEST(firstVersionHasNoRule);
    CPPUNIT_TEST(brokenFiles);
    CPPUNIT_TEST(replacedDatabase);
    CPPUNIT_TEST(withoutADatabaseThereAreOffsets);
    CPPUNIT_TEST_SUITE_END();

    static int64_t second(sys_seconds when) { return when.time_since_epoch().count(); }

    static ZoneInfo at(const char* rule, sys_seconds when) { return TzRule::parse(rule).value().at(second(when)); }

    static std::string number(uint64_t value, int size)
    {
        std::string bytes;
        for (int i = size - 1; i >= 0; --i)
            bytes += static_cast<char>(value >> (8 * i) & 255);
        return bytes;
    }

    /// One change, at `change`, from LMT (0:53:28) to CET.
    static std::string table(char version, int64_t change, int size)
    {
        std::string data = std::string("TZif") + version + std::string(15, '\0');
        for (const int count : {0, 0, 0, 1, 2, 8})
            data += number(static_cast<uint64_t>(count), 4);
        return data + number(static_cast<uint64_t>(change), size) + '\1' + number(3208, 4) + std::string(2, '\0') +
               number(3600, 4) + std::string("\0\4", 2) + std::string("LMT\0CET\0", 8);
    }

    static std::string slim(const std::string& rule)
    {
        return table('2', 0, 4) + table('2', 1'000'000'000, 8) + '\n' + rule + '\n';
    }

    static seconds offset(const std::string& data, int64_t when)
    {
        return TzFile(data).at(Instant(seconds(when))).offset;
    }

public:
    void rules()
    {
        static constexpr const char* BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3";
        const sys_seconds spring = sys_days(2060y / March / 28) + 1h;
        CPPUNIT_ASSERT(at(BERLIN, spring - 1s).offset == 1h && !at(BERLIN, spring - 1s).daylightSaving);
        CPPUNIT_ASSERT(at(BERLIN, spring).offset == 2h && at(BERLIN, spring).daylightSaving);
        const sys_seconds autumn = sys_days(2060y / October / 31) + 1h;
        CPPUNIT_ASSERT(at(BERLIN, autumn - 1s).offset == 2h && at(BERLIN, autumn).offset == 1h);
        CPPUNIT_ASSERT_EQUAL(std::string("CEST"), at(BERLIN, spring).abbreviation);
        CPPUNIT_ASSERT(at("<+0545>-5:45", spring).offset == 5h + 45min);
    }

    void rulesOfUnusualZones()
    {
        // The southern half: summer time goes over the end of the year.
        static constexpr const char* SYDNEY = "AEST-10AEDT,M10.1.0,M4.1.0/3";
        CPPUNIT_ASSERT(at(SYDNEY, sys_days(2060y / January / 1)).offset == 11h);
        CPPUNIT_ASSERT(at(SYDNEY, sys_days(2060y / July / 1)).offset == 10h);
        // Changes counted from before the day and beyond it, and a half hour.
        CPPUNIT_ASSERT(at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", sys_days(2060y / March / 28)).offset == -2h);
        CPPUNIT_ASSERT(at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", sys_days(2060y / March / 28) + 1h).offset == -1h);
        CPPUNIT_ASSERT(at("IST-2IDT,M3.4.4/26,M10.5.0", sys_days(2060y / March / 26) - 1s).offset == 2h);
        CPPUNIT_ASSERT(at("IST-2IDT,M3.4.4/26,M10.5.0", sys_days(2060y / March / 26)).offset == 3h);
        CPPUNIT_ASSERT(at("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", sys_days(2060y / January / 1)).offset == 11h);
        // Days of the year: J60 is the first of March in every year, 59 only in those without 29 February.
        CPPUNIT_ASSERT(at("AAA0BBB,J60/0,J300/0", sys_days(2060y / February / 29)).offset == 0h);
        CPPUNIT_ASSERT(at("AAA0BBB,59/0,300/0", sys_days(2060y / February / 29)).offset == 1h);
    }

    void savingAllTheYear()
    {
        for (const sys_days day : {sys_days(2060y / January / 1), sys_days(2060y / December / 31)})
            for (int hour = 0; hour < 24; ++hour)
                CPPUNIT_ASSERT(at("EST5EDT,0/0,J365/25", day + hours(hour)).offset == -4h);
    }

    void brokenRules()
    {
        for (const char* rule : {"", "CET", "CE-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                                 "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J300",
                                 "CET-1CEST,366,1", "CET-25", "<CET-1", "CET-1CEST,M3.5.0,M10.5.0x", "CET-1:60",
                                 "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3..0,M10.5.0"})
            CPPUNIT_ASSERT_MESSAGE(rule, !TzRule::parse(rule));
    }

    void ruleAfterTheLastChange()
    {
        const std::string data = slim("CET-1CEST,M3.5.0,M10.5.0/3");
        CPPUNIT_ASSERT(offset(data, 999'999'999) == 3208s);
        CPPUNIT_ASSERT(offset(data, 1'000'000'000) == 1h);
        CPPUNIT_ASSERT(offset(data, 1'000'000'001) == 2h);
        CPPUNIT_ASSERT(offset(slim(""), 4'000'000'000) == 1h);
    }

    void firstVersionHasNoRule()
    {
        CPPUNIT_ASSERT(offset(table('\0', 1'000'000'000, 4), 4'000'000'000) == 1h);
        CPPUNIT_ASSERT(offset(table('\0', -1'000'000'000, 4), -999'999'999) == 1h);
    }

    void brokenFiles()
    {
        const std::string whole = slim("CET-1");
        CPPUNIT_ASSERT_NO_THROW(TzFile{whole});
        for (std::size_t size = 0; size < whole.size(); ++size)
            CPPUNIT_ASSERT_THROW(TzFile{whole.substr(0, size)}, std::runtime_error);
        CPPUNIT_ASSERT_THROW(TzFile{slim("nonsense")}, std::runtime_error);
        // Whatever a byte becomes: an error, or some zone that can be asked.
        for (std::size_t at = 0; at < whole.size(); ++at)
        {
            for (const char byte : {'\xff', '\0', '\x7f'})
            {
                std::string broken = whole;
                broken[at] = byte;
                try
                {
                    const TzFile file(broken);
                    file.at(Instant(seconds(0)));
                    file.at(Instant(seconds(4'000'000'000)));
                }
                catch (const std::runtime_error&)
                {
                }
            }
        }
    }

    void replacedDatabase()
    {
        const tenon::tests::TemporaryFolder folder;
        const std::filesystem::path zone = std::filesystem::path(folder.path()) / "Test" / "Zone";
        std::filesystem::create_directory(zone.parent_path());
        const auto put = [&zone](const std::string& rule)
        {
            std::ofstream(zone.string() + ".new", std::ios::binary) << slim(rule);
            std::filesystem::rename(zone.string() + ".new", zone);
        };
        ::setenv("TZDIR", folder.path().c_str(), 1);
        const Instant later{seconds(4'000'000'000)};
        put("CET-1");
        const auto before = zoneRules("Test/Zone")->at(later).offset;
        put("EET-2");
        const auto after = zoneRules("Test/Zone")->at(later).offset;
        const std::vector<std::string> names = zoneNames();
        ::unsetenv("TZDIR");
        CPPUNIT_ASSERT(before == 1h && after == 2h);
        CPPUNIT_ASSERT(names == std::vector<std::string>{"Test/Zone"});
    }

    void withoutADatabaseThereAreOffsets()
    {
        const tenon::tests::TemporaryFolder folder;
        setenv("TZDIR", folder.path().c_str(), 1);
        const bool none = zoneNames().empty();
        const std::string why = whyFewZones();
        std::string refusal;
        try
        {
            (void)Zone::named("Europe/Berlin");
        }
        catch (const tenon::ToolError& error)
        {
            refusal = error.what();
        }
        const Zone utc = Zone::named("utc"), east = Zone::named("+02:00");
        unsetenv("TZDIR");
        CPPUNIT_ASSERT(none && why.find("install tzdata") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find(why) != std::string::npos);
        CPPUNIT_ASSERT(utc.at(Instant()).offset == 0s && east.at(Instant()).offset == 2h);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TzFileTest);

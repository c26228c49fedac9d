#include "base/settings/Settings.h"
#include "base/settings/SettingFaults.h"
#include "base/settings/SettingsException.h"

#include <Poco/Path.h>
#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <string>
#include <vector>

using tenon::base::SettingFaults;
using tenon::base::Settings;
using tenon::base::SettingsException;
using tenon::base::SettingSpec;
using tenon::base::SettingsPtr;
using tenon::base::SettingType;

namespace
{

std::vector<SettingSpec> specs()
{
    return {
        {"http.port", SettingType::INTEGER, "8080", "0..65535", "Port."},
        {"http.host", SettingType::TEXT, "127.0.0.1", "", "Host."},
        {"http.tls", SettingType::BOOLEAN, "false", "", "TLS."},
        {"http.maxThreads", SettingType::INTEGER, "8", "1..", "Threads."},
        {"log.level", SettingType::CHOICE, "information", "debug|information|error", "Level."},
        {"limits.ratio", SettingType::NUMBER, "0.5", "0..1", "Ratio."},
        {"timeouts.idleMs", SettingType::INTEGER, "30s", "10..86400000", "Idle."},
        {"limits.maxBytes", SettingType::INTEGER, "1k", "", "Bytes."},
        {"limits.memoryMb", SettingType::INTEGER, "64", "0..", "Memory."},
        {"plugin.*.wait", SettingType::DURATION, "1s", "", "Wait."},
        {"guard.origins", SettingType::LIST, "a, b", "", "Origins."},
        {"plugins.directory", SettingType::PATH, "plugins", "", "Folder."},
        {"plugin.*.isolation", SettingType::CHOICE, "none", "none|process", "Isolation."},
        {"plugin.*.settings.**", SettingType::TEXT, "", "", "The plugin's own."},
        {"upstream.*.command", SettingType::TEXT, "", "", "A program."},
    };
}

/// The message of the fault that `values` on the command line give; empty if there is none.
std::string faultOf(const std::map<std::string, std::string>& values)
{
    try
    {
        (void)Settings::of(values, specs());
        return {};
    }
    catch (const SettingsException& exc)
    {
        return exc.message();
    }
}

std::string faultOfSources(const Settings::Sources& sources)
{
    try
    {
        (void)Settings::load(sources, specs());
        return {};
    }
    catch (const SettingsException& exc)
    {
        return exc.message();
    }
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class SettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SettingsTest);
    CPPUNIT_TEST(defaultsAreRead);
    CPPUNIT_TEST(valuesAreReadByType);
    CPPUNIT_TEST(anUnknownKeyNamesTheNearest);
    CPPUNIT_TEST(aKeyOfAPatternNamesTheNearest);
    CPPUNIT_TEST(aBadValueSaysWhatWasExpected);
    CPPUNIT_TEST(aNumberWithCommasIsNoNumber);
    CPPUNIT_TEST(everyFaultIsListed);
    CPPUNIT_TEST(theEnvironmentIsReadByName);
    CPPUNIT_TEST(theEnvironmentIsSpeltInWords);
    CPPUNIT_TEST(anUnknownVariableOfARoomNamesTheNearest);
    CPPUNIT_TEST(aKeyOfNoRoomIsReadFromTheEnvironment);
    CPPUNIT_TEST(theClosestPatternNamesAVariable);
    CPPUNIT_TEST(onlyWhatIsNearIsNamed);
    CPPUNIT_TEST(durationsAndSizesHaveUnits);
    CPPUNIT_TEST(quotesAreNoPartOfAValue);
    CPPUNIT_TEST(aLaterCheckSaysWhereTheValueStands);
    CPPUNIT_TEST(theCommandLineComesLast);
    CPPUNIT_TEST(patternsStandForSegments);
    CPPUNIT_TEST(whatLiesUnderAPrefixIsListed);
    CPPUNIT_TEST(pathsAreMadeAbsolute);
    CPPUNIT_TEST(anUndeclaredKeyIsABug);
    CPPUNIT_TEST(faultsStandInTheOrderOfTheFile);
    CPPUNIT_TEST(whatFollowsFromAFaultIsNone);
    CPPUNIT_TEST(aSettingCanBeTakenOut);
    CPPUNIT_TEST_SUITE_END();

public:
    void defaultsAreRead()
    {
        const auto settings = Settings::of({}, specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(8080), settings->integer("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), settings->text("http.host"));
        CPPUNIT_ASSERT(!settings->boolean("http.tls"));
        CPPUNIT_ASSERT_EQUAL(0.5, settings->number("limits.ratio"));
        CPPUNIT_ASSERT(!settings->isSet("http.port"));
    }

    void valuesAreReadByType()
    {
        const auto settings = Settings::of({{"http.port", "0"},
                                            {"http.tls", "yes"},
                                            {"limits.ratio", "0.25"},
                                            {"log.level", "error"},
                                            {"guard.origins", " x ,, y,z "}},
                                           specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), settings->integer("http.port"));
        CPPUNIT_ASSERT(settings->boolean("http.tls"));
        CPPUNIT_ASSERT_EQUAL(0.25, settings->number("limits.ratio"));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), settings->text("log.level"));
        CPPUNIT_ASSERT(std::vector<std::string>({"x", "y", "z"}) == settings->list("guard.origins"));
        CPPUNIT_ASSERT(settings->isSet("http.port"));
    }

    void anUnknownKeyNamesTheNearest()
    {
        const auto fault = faultOf({{"http.prot", "1"}});
        CPPUNIT_ASSERT(contains(fault, "--http.prot"));
        CPPUNIT_ASSERT(contains(fault, "unknown setting 'http.prot'"));
        CPPUNIT_ASSERT(contains(fault, "nearest known one is 'http.port'"));
    }

    void aKeyOfAPatternNamesTheNearest()
    {
        CPPUNIT_ASSERT(contains(faultOf({{"plugin.clock.isolaton", "none"}}), "'plugin.clock.isolation'"));
    }

    void aBadValueSaysWhatWasExpected()
    {
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", "65536"}}), "an integer in 0..65535, but is '65536'"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", "-1"}}), "an integer in 0..65535"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", "80x"}}), "an integer"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", ""}}), "an integer"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", "99999999999999999999"}}), "an integer"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.maxThreads", "0"}}), "an integer in 1.."));
        CPPUNIT_ASSERT(contains(faultOf({{"limits.ratio", "1.5"}}), "a number in 0..1"));
        CPPUNIT_ASSERT(contains(faultOf({{"limits.ratio", "nan"}}), "a number"));
        CPPUNIT_ASSERT(contains(faultOf({{"http.tls", "maybe"}}), "true or false"));
        CPPUNIT_ASSERT(contains(faultOf({{"log.level", "loud"}}), "one of debug, information, error"));
    }

    void aNumberWithCommasIsNoNumber()
    {
        CPPUNIT_ASSERT(contains(faultOf({{"http.port", "80,80"}}), "an integer"));
        CPPUNIT_ASSERT(contains(faultOf({{"limits.ratio", "0,5"}}), "a number"));
    }

    void everyFaultIsListed()
    {
        const auto fault = faultOf({{"http.port", "x"}, {"http.tls", "x"}, {"nonsense", "x"}});
        CPPUNIT_ASSERT(contains(fault, "'http.port'"));
        CPPUNIT_ASSERT(contains(fault, "'http.tls'"));
        CPPUNIT_ASSERT(contains(fault, "'nonsense'"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), std::size_t(std::count(fault.begin(), fault.end(), '\n')));
    }

    void theEnvironmentIsReadByName()
    {
        Settings::Sources sources;
        sources.environment = {
            {"TENON_HTTP_PORT", "9"}, {"TENON_HTTP_MAXTHREADS", "3"}, {"TENON_OTHER", "x"}, {"PATH", "y"}};
        const auto settings = Settings::load(sources, specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(9), settings->integer("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), settings->integer("http.maxThreads"));

        sources.environment = {{"TENON_HTTP_PORT", "x"}};
        try
        {
            (void)Settings::load(sources, specs());
            CPPUNIT_FAIL("a bad value in the environment was taken");
        }
        catch (const SettingsException& exc)
        {
            CPPUNIT_ASSERT(exc.message().starts_with("TENON_HTTP_PORT: "));
        }
    }

    void theEnvironmentIsSpeltInWords()
    {
        Settings::Sources sources;
        sources.environment = {{"TENON_HTTP_MAX_THREADS", "3"}, {"TENON_PLUGIN_CLOCK_ISOLATION", "process"}};
        const auto settings = Settings::load(sources, specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), settings->integer("http.maxThreads"));
        CPPUNIT_ASSERT_EQUAL(std::string("process"), settings->text("plugin.clock.isolation"));
        CPPUNIT_ASSERT_EQUAL(std::string("TENON_HTTP_MAX_THREADS"), settings->origin("http.maxThreads"));

        sources.environment = {{"TENON_HTTP_MAX_THREADS", "3"}, {"TENON_HTTP_MAXTHREADS", "4"}};
        CPPUNIT_ASSERT(contains(faultOfSources(sources), "'http.maxThreads' is set twice"));
    }

    void anUnknownVariableOfARoomNamesTheNearest()
    {
        Settings::Sources sources;
        sources.environment = {{"TENON_HTTP_PROT", "1"}};
        CPPUNIT_ASSERT_EQUAL(std::string("TENON_HTTP_PROT: unknown setting; the nearest known one is TENON_HTTP_PORT"),
                             faultOfSources(sources));
        sources.environment = {{"TENON_PLUGIN_CLOCK_SETTINGS_ZONE", "x"}};
        CPPUNIT_ASSERT(contains(
            faultOfSources(sources),
            "TENON_PLUGIN_CLOCK_SETTINGS_ZONE: the environment sets only what the server itself reads of a plugin "
            "(TENON_PLUGIN_CLOCK_PREFIX)"));
        sources.environment = {{"TENON_OTHER", "x"}, {"TENONHTTP_PORT", "x"}, {"TENON_HTTP", "x"}};
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOfSources(sources));
        sources.environment = {{"TENON_HTPP_PORT", "1"}};
        CPPUNIT_ASSERT_EQUAL(std::string("TENON_HTPP_PORT: unknown setting; the nearest known one is TENON_HTTP_PORT"),
                             faultOfSources(sources));
    }

    void aKeyOfNoRoomIsReadFromTheEnvironment()
    {
        Settings::Sources sources;
        sources.environment = {{"TENON_STORE", "sqlite:a"}};
        auto known = specs();
        known.push_back({"store", SettingType::TEXT, "memory", "", "Store."});
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:a"), Settings::load(sources, known)->text("store"));
    }

    void theClosestPatternNamesAVariable()
    {
        Settings::Sources sources;
        sources.environment = {{"TENON_LOG_LEVEL_PLUGIN_CLOCK", "debug"}, {"TENON_LOG_LEVEL_NET", "error"}};
        auto known = specs();
        known.push_back({"log.level.*", SettingType::TEXT, "", "", "Of a room."});
        known.push_back({"log.level.plugin.*", SettingType::TEXT, "", "", "Of a plugin."});
        const auto settings = Settings::load(sources, known);
        CPPUNIT_ASSERT_EQUAL(std::string("debug"), settings->text("log.level.plugin.clock"));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), settings->text("log.level.net"));
    }

    void onlyWhatIsNearIsNamed()
    {
        CPPUNIT_ASSERT(contains(faultOf({{"port", "1"}}), "the nearest known one is 'http.port'"));
        CPPUNIT_ASSERT(contains(faultOf({{"inlcude", "x"}}), "the nearest known one is 'include'"));
        CPPUNIT_ASSERT_EQUAL(std::string("--[section]: unknown setting '[section]'"), faultOf({{"[section]", "x"}}));
    }

    void durationsAndSizesHaveUnits()
    {
        const auto settings = Settings::of({{"timeouts.idleMs", "5m"},
                                            {"limits.maxBytes", "4M"},
                                            {"limits.memoryMb", "1G"},
                                            {"plugin.clock.wait", "30s"}},
                                           specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(300'000), settings->integer("timeouts.idleMs"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4'194'304), settings->integer("limits.maxBytes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1024), settings->integer("limits.memoryMb"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(30'000), settings->integer("plugin.clock.wait"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1000), settings->integer("plugin.other.wait"));
        CPPUNIT_ASSERT_EQUAL(std::string("--timeouts.idleMs: 'timeouts.idleMs' must be a duration (30s, 5m, 1h, or "
                                         "milliseconds) in 10..86400000, but is '5 minutes'"),
                             faultOf({{"timeouts.idleMs", "5 minutes"}}));
        CPPUNIT_ASSERT(contains(faultOf({{"timeouts.idleMs", "2d"}}), "in 10..86400000"));
        CPPUNIT_ASSERT(contains(faultOf({{"limits.memoryMb", "64k"}}), "a size"));
        CPPUNIT_ASSERT_MESSAGE("no unit in its name", contains(faultOf({{"http.port", "4k"}}), "an integer"));
    }

    void quotesAreNoPartOfAValue()
    {
        CPPUNIT_ASSERT(contains(faultOf({{"http.host", "\"::1\""}}), "without quotes: ::1"));
        CPPUNIT_ASSERT(contains(faultOf({{"guard.origins", "'a'"}}), "without quotes"));
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf({{"plugin.clock.settings.a", "\"a\""}}));
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf({{"upstream.a.command", "\"/opt/my server/run\""}}));
    }

    void aLaterCheckSaysWhereTheValueStands()
    {
        const auto settings = Settings::of({{"http.host", "x"}}, specs());
        try
        {
            settings->refuse("http.host", "is no address");
        }
        catch (const SettingsException& exc)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("--http.host: 'http.host' is no address"), exc.message());
        }
        CPPUNIT_ASSERT_EQUAL(std::string("'http.port'"), settings->at("http.port"));
        CPPUNIT_ASSERT(settings->origin("http.port").empty());
        CPPUNIT_ASSERT_EQUAL(Poco::Path::current(), settings->folderOf("http.host"));
    }

    void theCommandLineComesLast()
    {
        Settings::Sources sources;
        sources.environment = {{"TENON_HTTP_PORT", "9"}, {"TENON_HTTP_HOST", "there"}};
        sources.commandLine = {{"http.port", "10"}};
        const auto settings = Settings::load(sources, specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(10), settings->integer("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("there"), settings->text("http.host"));
    }

    void patternsStandForSegments()
    {
        const auto settings =
            Settings::of({{"plugin.clock.isolation", "process"}, {"plugin.clock.settings.a.b", "free"}}, specs());
        CPPUNIT_ASSERT_EQUAL(std::string("process"), settings->text("plugin.clock.isolation"));
        CPPUNIT_ASSERT_EQUAL(std::string("none"), settings->text("plugin.other.isolation"));
        CPPUNIT_ASSERT_EQUAL(std::string("free"), settings->text("plugin.clock.settings.a.b"));
        CPPUNIT_ASSERT(contains(faultOf({{"plugin.clock.isolation", "magic"}}), "one of none, process"));
        CPPUNIT_ASSERT(contains(faultOf({{"plugin.a.b.isolation", "none"}}), "unknown"));
        CPPUNIT_ASSERT(contains(faultOf({{"plugin.clock.settings", "x"}}), "unknown"));
    }

    void whatLiesUnderAPrefixIsListed()
    {
        const auto settings = Settings::of(
            {{"plugin.b.settings.x", "1"}, {"plugin.a.settings.y", "2"}, {"plugin.b.isolation", "none"}}, specs());
        CPPUNIT_ASSERT(std::vector<std::string>({"a", "b"}) == settings->namesUnder("plugin."));
        CPPUNIT_ASSERT((std::map<std::string, std::string>{{"settings.x", "1"}, {"isolation", "none"}}) ==
                       settings->under("plugin.b."));
        CPPUNIT_ASSERT(settings->under("plugin.c.").empty());
    }

    void pathsAreMadeAbsolute()
    {
        CPPUNIT_ASSERT(Poco::Path(Settings::of({}, specs())->text("plugins.directory")).isAbsolute());
        CPPUNIT_ASSERT(
            Poco::Path(Settings::of({{"plugins.directory", "x/y"}}, specs())->text("plugins.directory")).isAbsolute());
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             Settings::of({{"plugins.directory", ""}}, specs())->text("plugins.directory"));
    }

    void anUndeclaredKeyIsABug()
    {
        CPPUNIT_ASSERT_THROW((void)Settings::of({}, specs())->text("no.such"), Poco::BugcheckException);
    }

    void faultsStandInTheOrderOfTheFile()
    {
        SettingFaults faults("/etc/t.properties");
        for (const char* text : {"--http.port: 'http.port' is bad", "/etc/conf.d/a.properties:1: 'd' is bad",
                                 "/etc/t.properties:10: 'c' is bad", "'e' is bad", "/etc/t.properties:9: 'b' is bad",
                                 "/etc/t.properties:9: 'b' is bad"})
            faults.add({}, text);
        CPPUNIT_ASSERT_EQUAL(std::string("/etc/t.properties:9: 'b' is bad\n/etc/t.properties:10: 'c' is bad\n"
                                         "/etc/conf.d/a.properties:1: 'd' is bad\n--http.port: 'http.port' is bad\n"
                                         "'e' is bad"),
                             textOf(faults));
    }

    void whatFollowsFromAFaultIsNone()
    {
        SettingFaults faults;
        faults.add({"auth.token.ci.sha256"}, "t:1: 'auth.token.ci.sha256' is no hash");
        faults.addIfNew({}, "'auth.type' names bearer, and there is no token: set auth.token.<name>.sha256.");
        faults.addIfNew({"http.ssePath"}, "t:2: 'http.ssePath' is bad");
        faults.addIfNew({}, "t:3: 'http.mcpPath' takes the path of 'http.ssePath'");
        CPPUNIT_ASSERT_EQUAL(std::string("t:1: 'auth.token.ci.sha256' is no hash\nt:2: 'http.ssePath' is bad"),
                             textOf(faults));
        faults.addGap("t:4: 'include' names 'x', which does not exist");
        faults.addIfNew({}, "t:5: what is missing may stand in x");
        CPPUNIT_ASSERT(textOf(faults).find("t:5") == std::string::npos);
    }

    void aSettingCanBeTakenOut()
    {
        const SettingsPtr all = Settings::of({{"http.port", "1"}, {"http.host", "h"}}, specs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(8080), all->without("http.port")->integer("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("h"), all->without("http.port")->text("http.host"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), all->integer("http.port"));
    }

private:
    static std::string textOf(const SettingFaults& faults)
    {
        try
        {
            faults.raise();
            return {};
        }
        catch (const SettingsException& exc)
        {
            return exc.message();
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);

#include "plugin/upstream/UpstreamConfig.h"
#include "base/settings/SettingsException.h"
#include "plugin/config/PluginSettings.h"
#include "plugin/upstream/UpstreamReach.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <string>
#include <utility>

using namespace tenon::plugin;
using namespace std::chrono_literals;

class UpstreamConfigTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UpstreamConfigTest);
    CPPUNIT_TEST(readsCommandLinesAsTheyAreTyped);
    CPPUNIT_TEST(wantsOneOfCommandAndUrl);
    CPPUNIT_TEST(takesWebSockets);
    CPPUNIT_TEST(replacesVariablesOfTheEnvironment);
    CPPUNIT_TEST(leavesAServerAloneForPausesThatGrow);
    CPPUNIT_TEST(switchesOffWhatEndsTooOften);
    CPPUNIT_TEST_SUITE_END();

    using Values = std::map<std::string, std::string>;

    static UpstreamConfig read(Values values)
    {
        Values all;
        for (auto& [key, value] : values)
            all["upstream.one." + key] = value;
        auto specs = settings();
        for (auto& spec : upstreamSettings())
            specs.push_back(std::move(spec));
        return UpstreamConfig::read(*tenon::base::Settings::of(all, std::move(specs)), "one", 64);
    }

    static std::string faultOf(Values values)
    {
        try
        {
            (void)read(std::move(values));
        }
        catch (const tenon::base::SettingsException& exc)
        {
            return exc.displayText();
        }
        return {};
    }

    static void assertHolds(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

public:
    void readsCommandLinesAsTheyAreTyped()
    {
        const UpstreamConfig config =
            read({{"command", R"(node "/opt/my servers/a.js"  --name='x y' "")"}, {"args", "b, c"}});
        CPPUNIT_ASSERT(config.stdio);
        const auto& command = config.target.command;
        CPPUNIT_ASSERT_EQUAL(std::string("node"), command.program);
        const std::vector<std::string> wanted = {"/opt/my servers/a.js", "--name=x y", "", "b", "c"};
        CPPUNIT_ASSERT(command.arguments == wanted);
        assertHolds(faultOf({{"command", "node 'a"}}), "quote without an end");
        assertHolds(faultOf({{"command", "  "}}), "");
    }

    void wantsOneOfCommandAndUrl()
    {
        CPPUNIT_ASSERT(!faultOf({{"command", "a"}, {"url", "http://localhost/mcp"}}).empty());
        CPPUNIT_ASSERT(!faultOf({{"prefix", "a_"}}).empty());
        assertHolds(faultOf({{"url", "ftp://localhost/mcp"}}), "url");
        assertHolds(faultOf({{"url", "http://localhost/mcp"}, {"sandbox.read", "/opt"}}), "confined");
    }

    void takesWebSockets()
    {
        const UpstreamConfig config = read({{"url", "wss://mcp.example/mcp"}});
        CPPUNIT_ASSERT(config.target.kind == tenon::client::Target::Kind::WEBSOCKET);
        CPPUNIT_ASSERT_EQUAL(std::string("https"), config.target.url.getScheme());
        CPPUNIT_ASSERT_EQUAL(443, static_cast<int>(config.target.url.getPort()));
        CPPUNIT_ASSERT_EQUAL(std::string("wss://mcp.example/mcp"), config.target.text());
    }

    void replacesVariablesOfTheEnvironment()
    {
        assertHolds(faultOf({{"url", "http://localhost/mcp"}, {"auth.bearer", "${SURELY_NOT_SET_ANYWHERE}"}}),
                    "SURELY_NOT_SET_ANYWHERE");
        const UpstreamConfig config = read({{"url", "http://localhost/mcp"}, {"headers.X-Its", "${NO_END"}});
        CPPUNIT_ASSERT_EQUAL(std::string("${NO_END"), config.headers.at(0).second);
    }

    void leavesAServerAloneForPausesThatGrow()
    {
        UpstreamReach reach(5, 1min);
        CPPUNIT_ASSERT(reach.refusal("one").empty());
        const auto first = reach.failed("no route"), second = reach.failed("no route");
        CPPUNIT_ASSERT(first >= 1s && second >= first);
        CPPUNIT_ASSERT(!reach.mayTry(UpstreamReach::Clock::now()));
        CPPUNIT_ASSERT(reach.mayTry(UpstreamReach::Clock::now() + second));
        assertHolds(reach.refusal("one"), "the server 'one' cannot be reached now");
        CPPUNIT_ASSERT_EQUAL(std::string("no route"), reach.figures().why);
        reach.forget();
        CPPUNIT_ASSERT(reach.refusal("one").empty());
        // Requests without an answer close the way after the third in a row.
        reach.answered(false);
        reach.answered(false);
        reach.answered(true);
        reach.answered(false);
        reach.answered(false);
        CPPUNIT_ASSERT(reach.refusal("one").empty());
        reach.answered(false);
        CPPUNIT_ASSERT(!reach.refusal("one").empty());
    }

    void switchesOffWhatEndsTooOften()
    {
        UpstreamReach reach(3, 1min);
        CPPUNIT_ASSERT(!reach.crashed("signal 9", true));
        CPPUNIT_ASSERT(!reach.crashed("signal 9", true));
        CPPUNIT_ASSERT(reach.crashed("signal 9", true));
        assertHolds(reach.refusal("one"), "switched off");
        CPPUNIT_ASSERT(!reach.mayTry(UpstreamReach::Clock::now() + 1h));
        reach.forget();
        CPPUNIT_ASSERT(reach.refusal("one").empty());
        UpstreamReach far(1, 1min);
        CPPUNIT_ASSERT(!far.crashed("closed", false)); // what Tenon did not start it cannot switch off
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UpstreamConfigTest);

#include "plugin/upstream/UpstreamConfig.h"
#include "base/settings/SettingsException.h"
#include "client/ClientException.h"
#include "plugin/config/PluginSettings.h"
#include "plugin/upstream/CallerToken.h"
#include "plugin/upstream/UpstreamReach.h"

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

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
    CPPUNIT_TEST(refusesWhatWouldDoNothing);
    CPPUNIT_TEST(replacesVariablesOfTheEnvironment);
    CPPUNIT_TEST(looksAtCertificatesBeforeItConnects);
    CPPUNIT_TEST(forwardsTokensOnlyWithAnAudience);
    CPPUNIT_TEST(forwardsTokensOnlyWhereTheyCannotLeak);
    CPPUNIT_TEST(showsTokensToTheirAudienceAlone);
    CPPUNIT_TEST(leavesAServerAloneForPausesThatGrow);
    CPPUNIT_TEST(looksWhetherWhatIsAwayIsBack);
    CPPUNIT_TEST(switchesOffWhatEndsTooOften);
    CPPUNIT_TEST_SUITE_END();

    using Values = std::map<std::string, std::string>;

    static UpstreamConfig read(Values values, const std::string& authTypes = "none")
    {
        Values all;
        for (auto& [key, value] : values)
            all["upstream.one." + key] = value;
        all["auth.type"] = authTypes;
        auto specs = settings();
        for (auto& spec : upstreamSettings())
            specs.push_back(std::move(spec));
        specs.push_back({"auth.type", tenon::base::SettingType::LIST, "none", "", ""});
        return UpstreamConfig::read(*tenon::base::Settings::of(all, std::move(specs)), "one", 64);
    }

    static UpstreamConfig forwarding(Values values)
    {
        values.try_emplace("url", "https://b.example/mcp");
        values.try_emplace("auth", "forward");
        values.try_emplace("auth.audience", "https://b.example");
        return read(std::move(values), "jwt");
    }

    static std::string faultOf(Values values, const std::string& authTypes = "none")
    {
        try
        {
            (void)read(std::move(values), authTypes);
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
        assertHolds(faultOf({{"command", "node 'a"}}), "unclosed quote");
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

    void refusesWhatWouldDoNothing()
    {
        for (const auto& [key, value] : Values{{"auth.bearer", "x"},
                                               {"auth", "forward"},
                                               {"headers.X-A", "x"},
                                               {"sse", "true"},
                                               {"authorities", "/a.pem"}})
            assertHolds(faultOf({{"command", "a"}, {key, value}}), "is for servers with a url");
        for (const auto& [key, value] :
             Values{{"args", "x"}, {"cwd", "/"}, {"env.A", "x"}, {"limits.residentMb", "100"}})
            assertHolds(faultOf({{"url", "https://b.example/mcp"}, {key, value}}), "is for servers with a command");
    }

    void replacesVariablesOfTheEnvironment()
    {
        assertHolds(faultOf({{"url", "http://localhost/mcp"}, {"auth.bearer", "${SURELY_NOT_SET_ANYWHERE}"}}),
                    "SURELY_NOT_SET_ANYWHERE");
        assertHolds(faultOf({{"url", "http://localhost/mcp"}, {"headers.X-Its", "${NO_END"}}),
                    "has a ${ without its }");
    }

    void looksAtCertificatesBeforeItConnects()
    {
        const std::string url = "https://b.example/mcp";
        assertHolds(faultOf({{"url", url}, {"auth.key", "/nowhere.key"}}), "key' needs upstream.one.auth.certificate");
        assertHolds(faultOf({{"url", url}, {"auth.certificate", "/nowhere.pem"}}), "/nowhere.pem cannot be read");
        assertHolds(faultOf({{"url", url}, {"authorities", "/dev/null"}}), "/dev/null contains no certificate");
        assertHolds(faultOf({{"url", "http://b.example/mcp"}, {"auth.certificate", "/nowhere.pem"}}),
                    "is for servers with an https");
        assertHolds(faultOf({{"command", "node a"}, {"auth.certificate", "/nowhere.pem"}}),
                    "is for servers with a url");
    }

    void forwardsTokensOnlyWithAnAudience()
    {
        const UpstreamConfig config = forwarding({});
        CPPUNIT_ASSERT_EQUAL(std::string("https://b.example"), config.forwardTo);
        CPPUNIT_ASSERT(config.sessions == UpstreamConfig::Sessions::EACH);
        assertHolds(faultOf({{"url", "https://b.example/mcp"}, {"auth", "forward"}}), "auth.audience");
        assertHolds(faultOf({{"url", "https://b.example/mcp"}, {"auth.audience", "https://b.example"}}), "forward");
        CPPUNIT_ASSERT(read({{"url", "https://b.example/mcp"}}).forwardTo.empty());
    }

    void forwardsTokensOnlyWhereTheyCannotLeak()
    {
        assertHolds(faultOf({{"url", "http://b.example/mcp"}, {"auth", "forward"}, {"auth.audience", "b"}}, "jwt"),
                    "needs https");
        assertHolds(faultOf({{"url", "ws://b.example/mcp"}, {"auth", "forward"}, {"auth.audience", "b"}}, "jwt"),
                    "needs https");
        assertHolds(faultOf({{"command", "node a"}, {"auth", "forward"}, {"auth.audience", "b"}}, "jwt"), "a url");
        assertHolds(faultOf({{"url", "https://b.example/mcp"}, {"auth", "forward"}, {"auth.audience", "b"}}, "bearer"),
                    "auth.type");
        assertHolds(
            faultOf(
                {{"url", "https://b.example/mcp"}, {"auth", "forward"}, {"auth.audience", "b"}, {"sessions", "shared"}},
                "oauth"),
            "shared");
        CPPUNIT_ASSERT_EQUAL(std::string("https://b.example"),
                             forwarding({{"url", "http://127.0.0.1:1/mcp"}}).forwardTo);
        CPPUNIT_ASSERT_EQUAL(std::string("https://b.example"), forwarding({{"url", "wss://b.example/mcp"}}).forwardTo);
    }

    void showsTokensToTheirAudienceAlone()
    {
        const auto token = std::make_shared<tenon::base::ForwardedToken>(
            tenon::base::ForwardedToken{"secret", {"https://b.example", "https://c.example"}});
        CPPUNIT_ASSERT(isMadeOutTo(token.get(), "https://c.example"));
        CPPUNIT_ASSERT(!isMadeOutTo(token.get(), "https://c.example/"));
        CPPUNIT_ASSERT(!isMadeOutTo(token.get(), ""));
        CPPUNIT_ASSERT(!isMadeOutTo(nullptr, "https://c.example"));
        CallerToken credentials(token);
        Poco::Net::HTTPRequest request;
        credentials.apply(request, Poco::URI());
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer secret"), request.get("Authorization"));
        const Poco::Net::HTTPResponse refusal(Poco::Net::HTTPResponse::HTTP_UNAUTHORIZED);
        CPPUNIT_ASSERT_THROW((void)credentials.improve(request, refusal, Poco::URI(), 1),
                             tenon::client::ClientException);
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

    /// While it is said to be away nobody may call.
    void looksWhetherWhatIsAwayIsBack()
    {
        const auto later = [](auto time) { return UpstreamReach::Clock::now() + time; };
        UpstreamReach reach(5, 1min);
        CPPUNIT_ASSERT(!reach.takeTry(later(1h)));
        for (int i = 0; i < 3; ++i)
            CPPUNIT_ASSERT(!reach.answered(false));
        assertHolds(reach.figures().why, "did not answer 3 times");
        CPPUNIT_ASSERT(!reach.takeTry(later(0s)));
        CPPUNIT_ASSERT(reach.takeTry(later(1h)));
        CPPUNIT_ASSERT(!reach.takeTry(later(1h)));
        CPPUNIT_ASSERT(reach.takeTry(later(2h)));
        CPPUNIT_ASSERT(reach.answered(true));
        CPPUNIT_ASSERT(!reach.answered(true));
        CPPUNIT_ASSERT(reach.figures().why.empty() && reach.refusal("one").empty());
        (void)reach.failed("no route");
        CPPUNIT_ASSERT(reach.takeTry(later(1h)));
        reach.opened();
        CPPUNIT_ASSERT(!reach.takeTry(later(3h)));
        // A program is started by the next call: it is not away.
        (void)reach.crashed("signal 9", true);
        CPPUNIT_ASSERT(!reach.takeTry(later(4h)));
        CPPUNIT_ASSERT(reach.figures(later(1h)).why.empty());
        (void)reach.crashed("closed", false);
        CPPUNIT_ASSERT(reach.takeTry(later(5h)));
        CPPUNIT_ASSERT_EQUAL(std::string("closed"), reach.figures(later(1h)).why);
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

#include "AuthorizationServer.h"
#include "TryingServer.h"
#include "support/FreePort.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

using namespace tenon::tests;

/// The commands against a server with OAuth, typed under a pseudo-terminal; a script is the browser.
class LoginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LoginTest);
    CPPUNIT_TEST(oneLogsInAndIsKnownFromThenOn);
    CPPUNIT_TEST(aCommandLogsInWhereItIsAskedTo);
    CPPUNIT_TEST(aTokenThatIsTakenNoMoreIsRefreshed);
    CPPUNIT_TEST(aRefusedLoginSaysSo);
    CPPUNIT_TEST(withoutATerminalNobodyIsAsked);
    CPPUNIT_TEST(completionNeverLogsIn);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* SECRET = "a secret of more than thirty-two bytes, shared";

    const std::uint16_t _port = freePort(); // tokens are for an address that must be known before
    const std::string _origin = "http://127.0.0.1:" + std::to_string(_port);
    const std::string _url = _origin + "/mcp";
    AuthorizationServer _issuer{SECRET, _url};
    const TemporaryFolder _home;
    std::unique_ptr<ServerProcess> _server;
    std::string _browser;

    [[nodiscard]] std::vector<std::string> environment() const
    {
        return {"HOME=" + _home.path(), "TERM=xterm", "XDG_CONFIG_HOME=" + _home.path("config"),
                "XDG_STATE_HOME=" + _home.path("state")};
    }

    /// Types `tenon` and what follows, and waits for its end; what was shown.
    std::string typed(const std::vector<std::string>& arguments, int status)
    {
        Terminal terminal(TENON_TEST_BINARY, arguments, environment());
        const int ended = terminal.waitForEnd();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal.shown(), status, ended);
        return terminal.shown();
    }

    void serve(const std::string& secret)
    {
        _server = ServerProcess::serve({"--plugins.directory=" TENON_TEST_CONFORMANCE,
                                        "--http.port=" + std::to_string(_port), "--http.publicUrl=" + _origin,
                                        "--auth.type=oauth", "--auth.oauth.authorizationServers=" + _issuer.issuer(),
                                        "--auth.oauth.scopeTypes=all=master", "--auth.oauth.scopesSupported=all",
                                        "--auth.jwt.secretFile=" + _home.write("secret", secret)});
    }

    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("no \"" + part + "\" in:\n" + text, text.find(part) != std::string::npos);
    }

public:
    void setUp() override
    {
        serve(SECRET);
        _browser = _home.write("browser", "#!/bin/sh\nexec curl -sSL -o /dev/null \"$1\"\n");
        ::chmod(_browser.c_str(), 0700);
    }

    void oneLogsInAndIsKnownFromThenOn()
    {
        const std::string shown = typed({"login", _url, "--browser=" + _browser}, 0);
        contains(shown, "Log in at");
        contains(shown, "logged in at " + _url);
        const auto seen = _issuer.seen();
        CPPUNIT_ASSERT_EQUAL(1, seen.registered);
        CPPUNIT_ASSERT_EQUAL(1, seen.exchanged);
        CPPUNIT_ASSERT_EQUAL(_url, seen.asked.at("resource"));
        struct stat kept = {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(_home.path("config/tenon/credentials.json").c_str(), &kept));
        CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(kept.st_mode & 0777));

        contains(typed({"list", _url, "tools"}, 0), "greet");
        contains(typed({"call", _url, "greet", "name=Ada"}, 0), "Ada");
        contains(typed({"read", _url, "test://static-text"}, 0), "text");
        Terminal shell(TENON_TEST_BINARY, {"shell", _url}, environment());
        shell.waitFor("tenon>");
        shell.type("greet name=Grace\n");
        shell.waitFor("Grace!");
        shell.type("exit\n");
        CPPUNIT_ASSERT_EQUAL(0, shell.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(1, _issuer.seen().authorized);
    }

    void aCommandLogsInWhereItIsAskedTo()
    {
        contains(typed({"call", _url, "greet", "name=Ada", "--browser=" + _browser}, 0), "Ada");
        CPPUNIT_ASSERT_EQUAL(1, _issuer.seen().exchanged);
    }

    void aTokenThatIsTakenNoMoreIsRefreshed()
    {
        (void)typed({"login", _url, "--browser=" + _browser}, 0);
        const std::string other = "another secret of more than thirty-two bytes";
        _server.reset();
        _issuer.useSecret(other);
        serve(other);
        contains(typed({"call", _url, "greet", "name=Ada"}, 0), "Ada");
        const auto seen = _issuer.seen();
        CPPUNIT_ASSERT_EQUAL(1, seen.refreshed);
        CPPUNIT_ASSERT_EQUAL(1, seen.authorized);
    }

    void aRefusedLoginSaysSo()
    {
        _issuer.deny();
        contains(typed({"login", _url, "--browser=" + _browser}, 4), "the login was refused: access_denied");
    }

    void withoutATerminalNobodyIsAsked()
    {
        Terminal terminal("/bin/sh", {"-c", "\"" TENON_TEST_BINARY "\" list " + _url + " </dev/null"}, environment());
        const int ended = terminal.waitForEnd();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal.shown(), 4, ended);
        CPPUNIT_ASSERT_EQUAL(0, _issuer.seen().authorized);
    }

    void completionNeverLogsIn()
    {
        const std::vector<std::string> line{"complete", "--", "call", "--browser=" + _browser, _url, "gree"};
        CPPUNIT_ASSERT_EQUAL(std::string(), typed(line, 0));
        CPPUNIT_ASSERT_EQUAL(0, _issuer.seen().registered);
        (void)typed({"login", _url, "--browser=" + _browser}, 0);
        contains(typed(line, 0), "greet");
        CPPUNIT_ASSERT_EQUAL(1, _issuer.seen().authorized);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoginTest);

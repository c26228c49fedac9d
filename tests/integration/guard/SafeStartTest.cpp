// What is unsafe, or cannot work, is refused before anybody is let in, and `validate-config` says so without starting.
#include "Tokens.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

class SafeStartTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SafeStartTest);
    CPPUNIT_TEST(aPublicAddressNeedsAuthentication);
    CPPUNIT_TEST(settingsThatContradictEachOtherAreInvalid);
    CPPUNIT_TEST(theDefaultsAreSafeOnALaptop);
    CPPUNIT_TEST_SUITE_END();

    /// The check alone: nothing listens on an address that others can reach.
    static Finished validate(ServerProcess::Arguments settings)
    {
        settings.insert(settings.begin(), "validate-config");
        return runToEnd(settings);
    }

    static void assertRefused(const ServerProcess::Arguments& settings, const std::string& word)
    {
        const Finished finished = validate(settings);
        CPPUNIT_ASSERT_MESSAGE(settings.front() + ": " + finished.output, finished.status != 0);
        CPPUNIT_ASSERT_MESSAGE(finished.error, finished.error.find(word) != std::string::npos);
    }

public:
    void aPublicAddressNeedsAuthentication()
    {
        for (const char* address : {"0.0.0.0", "192.0.2.1", "::"})
        {
            const std::string host = std::string("--http.host=") + address;
            const Finished started = runToEnd({host, "--http.port=0", "--plugins.directory=" TENON_TEST_PLUGINS});
            CPPUNIT_ASSERT(started.status != 0);
            CPPUNIT_ASSERT_MESSAGE(started.error, started.error.find("auth.allowAnonymous=true") != std::string::npos);
            assertRefused({host}, "auth.allowAnonymous=true");
            assertRefused({host, "--auth.type=none,bearer", "--auth.token.a.sha256=" + sha256Hex("a")},
                          "auth.allowAnonymous=true");
        }
        // The second of the three is nobody's here, and so no address to listen on.
        for (const char* address : {"0.0.0.0", "::"})
        {
            const std::string host = std::string("--http.host=") + address;
            CPPUNIT_ASSERT_EQUAL(0, validate({host, "--http.port=0", "--auth.allowAnonymous=true"}).status);
            CPPUNIT_ASSERT_EQUAL(
                0, validate({host, "--http.port=0", "--auth.type=bearer", "--auth.token.a.sha256=" + sha256Hex("a")})
                       .status);
        }
    }

    void settingsThatContradictEachOtherAreInvalid()
    {
        assertRefused({"--auth.type=bearer"}, "auth.token.<name>.sha256");
        assertRefused({"--auth.type=bearer", "--auth.token.a.sha256=short"}, "auth.token.a.sha256");
        assertRefused({"--auth.type=bearer", "--auth.token.a.sha256=" + sha256Hex("a"), "--auth.token.a.type=nobody"},
                      "nobody");
        assertRefused({"--auth.type=jwt"}, "auth.jwt.secretFile");
        assertRefused({"--auth.type=oauth"}, "http.publicUrl");
        assertRefused({"--auth.type=anything"}, "anything");
        assertRefused({"--sse.profiles=standard,other"}, "'other'");
        assertRefused({"--tls.enabled=true", "--tls.certificate=/nowhere.pem", "--tls.key=/nowhere.pem"},
                      "/nowhere.pem");
        assertRefused({"--http.pot=1"}, "http.port");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            "the issuer is not asked", 0,
            validate({"--http.port=0", "--auth.type=oauth", "--http.publicUrl=https://mcp.example",
                      "--auth.oauth.authorizationServers=https://login.invalid"})
                .status);
    }

    void theDefaultsAreSafeOnALaptop()
    {
        const auto server = ServerProcess::serve();
        CPPUNIT_ASSERT(server->output().find("http://127.0.0.1:") != std::string::npos);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(403, exchange(server->port(), "GET", "/stats", {{"Host", "evil.example"}}).status);
        CPPUNIT_ASSERT_EQUAL(403,
                             exchange(server->port(), "GET", "/stats", {{"Origin", "http://evil.example"}}).status);
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/stats").status);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SafeStartTest);

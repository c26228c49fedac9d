#include "guard/jwt/JwtSetup.h"
#include "unit/guard/Fixture.h"
#include "unit/guard/TestKeys.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

class TokenMintTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TokenMintTest);
    CPPUNIT_TEST(withTheSecret);
    CPPUNIT_TEST(withPrivateKeys);
    CPPUNIT_TEST(forOAuth);
    CPPUNIT_TEST(needsAKey);
    CPPUNIT_TEST_SUITE_END();

    static base::SettingsPtr of(GateFixture::Map settings)
    {
        return base::Settings::of(std::move(settings), guard::settings());
    }

    static base::PrincipalPtr use(GateFixture::Map settings, const std::string& token)
    {
        GateFixture fixture(std::move(settings));
        return fixture.admit({{"Authorization", "Bearer " + token}}).principal;
    }

public:
    void withTheSecret()
    {
        const TemporaryText secret("0123456789abcdef0123456789abcdef\n");
        const GateFixture::Map settings{
            {"auth.type", "jwt"}, {"auth.jwt.secretFile", secret.path()}, {"auth.jwt.issuers", "me"}};
        guard::TokenRequest request;
        request.subject = "ann";
        request.type = "master";
        request.permissions = {"tool:read_*", "stats"};
        const base::PrincipalPtr principal = use(settings, guard::mintToken(*of(settings), request, FakeClock()));
        CPPUNIT_ASSERT(principal);
        CPPUNIT_ASSERT_EQUAL(std::string("jwt:me|ann"), principal->id);
        CPPUNIT_ASSERT(principal->may(base::Access::STATS, {}, false));
        CPPUNIT_ASSERT(!principal->may(base::Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(!principal->may(base::Access::TOOL, "write", false));

        request.lifetimeSeconds = -60;
        CPPUNIT_ASSERT(!use(settings, guard::mintToken(*of(settings), request, FakeClock())));
    }

    void withPrivateKeys()
    {
        for (const TestKey* key : {&rsaKey(), &ecKey("P-256"), &ecKey("P-384"), &ecKey("P-521")})
        {
            const TemporaryText secret(key->privatePem), open(key->publicPem);
            const GateFixture::Map settings{{"auth.type", "jwt"}, {"auth.jwt.keyFile", open.path()}};
            guard::TokenRequest request;
            request.subject = "ann";
            request.privateKeyFile = secret.path();
            for (int at = 0; at < (key == &rsaKey() ? 1 : 30); ++at)
                CPPUNIT_ASSERT(use(settings, guard::mintToken(*of(settings), request, FakeClock())));
        }
    }

    void forOAuth()
    {
        const TemporaryText secret(rsaKey().privatePem), open(rsaKey().publicPem);
        const GateFixture::Map settings{{"auth.type", "oauth"},
                                        {"auth.jwt.keyFile", open.path()},
                                        {"http.publicUrl", "https://mcp.example"},
                                        {"auth.oauth.authorizationServers", "https://login.example"},
                                        {"auth.oauth.scopeTypes", "mcp:tools=team"}};
        guard::TokenRequest request;
        request.subject = "ann";
        request.scope = "mcp:tools";
        request.privateKeyFile = secret.path();
        const base::PrincipalPtr principal = use(settings, guard::mintToken(*of(settings), request, FakeClock()));
        CPPUNIT_ASSERT(principal);
        CPPUNIT_ASSERT_EQUAL(std::string("team"), principal->type);
    }

    void needsAKey()
    {
        guard::TokenRequest request;
        request.subject = "ann";
        CPPUNIT_ASSERT_THROW((void)guard::mintToken(*of({}), request), Poco::InvalidArgumentException);
        const TemporaryText secret("0123456789abcdef0123456789abcdef");
        request.subject.clear();
        CPPUNIT_ASSERT_THROW((void)guard::mintToken(*of({{"auth.jwt.secretFile", secret.path()}}), request),
                             Poco::InvalidArgumentException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenMintTest);

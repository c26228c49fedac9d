#include "base/text/Base64.h"
#include "guard/login/Password.h"
#include "unit/guard/Fixture.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using guard::Area;
using test::FakeHeaders;
using test::GateFixture;

/// Each way to prove an identity: what it lets in, and what it keeps out.
class AuthenticationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AuthenticationTest);
    CPPUNIT_TEST(bearer);
    CPPUNIT_TEST(bearerExpires);
    CPPUNIT_TEST(bearerPermissions);
    CPPUNIT_TEST(bearerChallenge);
    CPPUNIT_TEST(apiKey);
    CPPUNIT_TEST(apiKeyIsNoBearer);
    CPPUNIT_TEST(basic);
    CPPUNIT_TEST(certificate);
    CPPUNIT_TEST(certificateListedOnly);
    CPPUNIT_TEST(queryTokenOnStreamsOnly);
    CPPUNIT_TEST(queryTokenIsOffByDefault);
    CPPUNIT_TEST(queryTokenAndHeader);
    CPPUNIT_TEST(malformedHeaders);
    CPPUNIT_TEST(severalAtOnce);
    CPPUNIT_TEST(anonymousBesidesTokens);
    CPPUNIT_TEST(manyFailedLogins);
    CPPUNIT_TEST(failedLoginsDoNotLockOutTheOthers);
    CPPUNIT_TEST(failedLoginsOfOneNetwork);
    CPPUNIT_TEST(expiredTokensAreNoGuesses);
    CPPUNIT_TEST(settingsThatCannotWork);
    CPPUNIT_TEST_SUITE_END();

    using Map = GateFixture::Map;

    static Map tokens(Map more = {})
    {
        more.emplace("auth.type", "bearer");
        more.emplace("auth.token.ci.sha256", GateFixture::sha256Hex("secret"));
        return more;
    }

    static FakeHeaders bearerOf(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
    static FakeHeaders basicOf(const std::string& pair) { return {{"Authorization", "Basic " + base::toBase64(pair)}}; }

public:
    void bearer()
    {
        GateFixture fixture(tokens());
        const guard::Admission admission = fixture.admit(bearerOf("secret"));
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT_EQUAL(std::string("token:ci"), admission.principal->id);
        CPPUNIT_ASSERT_EQUAL(std::string("ci"), admission.principal->name);
        CPPUNIT_ASSERT_EQUAL(std::string("team"), admission.principal->type);
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Authorization", "bearer  secret"}}));
        for (const char* wrong : {"Secret", "secret ", "secre", "secrets", "x"})
            CPPUNIT_ASSERT_MESSAGE(wrong, std::string(wrong) == "secret " || fixture.status(bearerOf(wrong)) == 401);
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the hash is no token", 401,
                                     fixture.status(bearerOf(GateFixture::sha256Hex("secret"))));
    }

    void bearerExpires()
    {
        GateFixture fixture(tokens({{"auth.token.ci.expires", "2027-01-15T08:01:00Z"}})); // a minute from now
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearerOf("secret")));
        fixture.clock.advanceMs(59'000);
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearerOf("secret")));
        fixture.clock.advanceMs(1'000);
        CPPUNIT_ASSERT_EQUAL(401, fixture.status(bearerOf("secret")));
    }

    void bearerPermissions()
    {
        GateFixture fixture(tokens({{"auth.token.ci.type", "readonly"}, {"auth.token.ci.permissions", "tool:read_*"}}));
        const base::PrincipalPtr principal = fixture.admit(bearerOf("secret")).principal;
        CPPUNIT_ASSERT(principal->may(base::Access::TOOL, "read_file", true));
        CPPUNIT_ASSERT(!principal->may(base::Access::TOOL, "read_file", false));
        CPPUNIT_ASSERT(!principal->may(base::Access::TOOL, "list", true));
        CPPUNIT_ASSERT(!principal->mayEverything());
    }

    void bearerChallenge()
    {
        GateFixture fixture(tokens());
        guard::Admission refused = fixture.admit();
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer realm=\"tenon\""),
                             GateFixture::headerOf(refused.refusal->headers, "WWW-Authenticate"));
        refused = fixture.admit(bearerOf("wrong"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "Bearer realm=\"tenon\", error=\"invalid_token\", error_description=\"The token is not known here\""),
            GateFixture::headerOf(refused.refusal->headers, "WWW-Authenticate"));
    }

    void apiKey()
    {
        GateFixture fixture({{"auth.type", "apikey"}, {"auth.token.ci.sha256", GateFixture::sha256Hex("secret")}});
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"X-API-Key", "secret"}}));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status({{"X-API-Key", "wrong"}}));
        CPPUNIT_ASSERT_EQUAL(400, fixture.status({{"X-API-Key", ""}}));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        GateFixture named({{"auth.type", "apikey"},
                           {"auth.apikey.header", "X-Key"},
                           {"auth.token.ci.sha256", GateFixture::sha256Hex("secret")}});
        CPPUNIT_ASSERT_EQUAL(0, named.status({{"x-key", "secret"}}));
        CPPUNIT_ASSERT_EQUAL(401, named.status({{"X-API-Key", "secret"}}));
    }

    void apiKeyIsNoBearer()
    {
        GateFixture keys({{"auth.type", "apikey"}, {"auth.token.ci.sha256", GateFixture::sha256Hex("secret")}});
        CPPUNIT_ASSERT_EQUAL(401, keys.status(bearerOf("secret")));
        GateFixture bearers(tokens());
        CPPUNIT_ASSERT_EQUAL(401, bearers.status({{"X-API-Key", "secret"}}));
    }

    void basic()
    {
        GateFixture fixture({{"auth.type", "basic"},
                             {"auth.user.ann.password", guard::hashPassword("pass:word")},
                             {"auth.user.ann.type", "master"}});
        const guard::Admission admission = fixture.admit(basicOf("ann:pass:word"));
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT_EQUAL(std::string("user:ann"), admission.principal->id);
        CPPUNIT_ASSERT_EQUAL(std::string("master"), admission.principal->type);
        for (const char* wrong : {"ann:wrong", "bob:pass:word"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, 401, fixture.status(basicOf(wrong)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no colon", 401, fixture.status(basicOf("ann")));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no base64", 401, fixture.status({{"Authorization", "Basic ***"}}));
        const guard::Admission refused = fixture.admit();
        CPPUNIT_ASSERT_EQUAL(std::string("Basic realm=\"tenon\", charset=\"UTF-8\""),
                             GateFixture::headerOf(refused.refusal->headers, "WWW-Authenticate"));
    }

    void certificate()
    {
        GateFixture fixture({{"auth.type", "certificate"},
                             {"auth.certificate.ci.subject", "CN=ci,O=Example"},
                             {"auth.certificate.ci.type", "master"}});
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.subject = "CN=ci,O=Example";
        CPPUNIT_ASSERT_EQUAL(std::string("master"), fixture.admit().principal->type);
        fixture.subject = "CN=laptop of ann,O=Example";
        const base::PrincipalPtr other = fixture.admit().principal;
        CPPUNIT_ASSERT_EQUAL(std::string("team"), other->type);
        CPPUNIT_ASSERT_EQUAL(std::string("laptop of ann"), other->name);
        CPPUNIT_ASSERT_EQUAL(std::string("certificate:CN=laptop of ann,O=Example"), other->id);
    }

    void certificateListedOnly()
    {
        GateFixture fixture(
            {{"auth.type", "certificate"}, {"auth.certificate.type", ""}, {"auth.certificate.ci.subject", "CN=ci"}});
        fixture.subject = "CN=ci";
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        fixture.subject = "CN=other";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
    }

    void queryTokenOnStreamsOnly()
    {
        GateFixture fixture(tokens({{"auth.queryToken", "true"}}));
        fixture.query = "a=b&token=secr%65t";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.area = Area::OPERATIONS;
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.area = Area::SSE;
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        fixture.query = "token=wrong";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.query = "mytoken=secret";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.query = "token=%zz";
        CPPUNIT_ASSERT_EQUAL(400, fixture.status());
    }

    void queryTokenIsOffByDefault()
    {
        GateFixture fixture(tokens());
        fixture.area = Area::SSE;
        fixture.query = "token=secret";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
    }

    void queryTokenAndHeader()
    {
        GateFixture fixture(tokens({{"auth.queryToken", "true"}}));
        fixture.area = Area::SSE;
        fixture.query = "token=secret";
        CPPUNIT_ASSERT_EQUAL(400, fixture.status(bearerOf("secret")));
    }

    void malformedHeaders()
    {
        GateFixture fixture(tokens());
        CPPUNIT_ASSERT_EQUAL(400, fixture.status({{"Authorization", "Bearer"}}));
        CPPUNIT_ASSERT_EQUAL(400, fixture.status({{"Authorization", "Bearer   "}}));
        CPPUNIT_ASSERT_EQUAL(400, fixture.status(bearerOf(std::string(20'000, 'a'))));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status({{"Authorization", "Negotiate abc"}}));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status({{"Authorization", "secret"}}));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status(basicOf("ci:secret")));
    }

    void severalAtOnce()
    {
        GateFixture fixture({{"auth.type", "bearer, basic, apikey, certificate"},
                             {"auth.token.ci.sha256", GateFixture::sha256Hex("secret")},
                             {"auth.user.ann.password", guard::hashPassword("pw")}});
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearerOf("secret")));
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(basicOf("ann:pw")));
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"X-API-Key", "secret"}}));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        const guard::Admission refused = fixture.admit();
        CPPUNIT_ASSERT_EQUAL(3L, std::count_if(refused.refusal->headers.begin(), refused.refusal->headers.end(),
                                               [](const auto& pair) { return pair.first == "WWW-Authenticate"; }));
        fixture.subject = "CN=x";
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a wrong token is not made good by a certificate", 401,
                                     fixture.status(bearerOf("no")));
    }

    void anonymousBesidesTokens()
    {
        GateFixture fixture(tokens({{"auth.type", "none, bearer"}, {"auth.token.ci.type", "master"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("anonymous"), fixture.admit().principal->id);
        CPPUNIT_ASSERT_MESSAGE("who shows nothing does not run the server",
                               !fixture.admit().principal->may(base::Access::STATS, {}, false));
        CPPUNIT_ASSERT_EQUAL(std::string("token:ci"), fixture.admit(bearerOf("secret")).principal->id);
        CPPUNIT_ASSERT_EQUAL(401, fixture.status(bearerOf("wrong")));
    }

    void manyFailedLogins()
    {
        GateFixture fixture(tokens());
        int refused = 0, delayed = 0;
        for (int at = 0; at < 10'000; ++at)
        {
            const int status = fixture.status(bearerOf("guess " + std::to_string(at)));
            CPPUNIT_ASSERT(status == 401 || status == 429);
            ++(status == 401 ? refused : delayed);
            fixture.clock.advanceMs(10);
        }
        CPPUNIT_ASSERT_MESSAGE("100 seconds leave room for few guesses", refused < 15);
        CPPUNIT_ASSERT(delayed > 9'900);
        const guard::Admission last = fixture.admit(bearerOf("guess"));
        CPPUNIT_ASSERT_EQUAL(429, last.refusal->status);
        CPPUNIT_ASSERT(!GateFixture::headerOf(last.refusal->headers, "Retry-After").empty());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("nor does a right one tell itself from a wrong one", 429,
                                     fixture.status(bearerOf("secret")));
        fixture.clock.advanceMs(60'000);
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearerOf("secret")));
    }

    void failedLoginsDoNotLockOutTheOthers()
    {
        GateFixture fixture(tokens());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearerOf("secret")));
        for (int at = 0; at < 100; ++at)
            (void)fixture.status(bearerOf("guess " + std::to_string(at)));
        CPPUNIT_ASSERT_EQUAL(429, fixture.status(bearerOf("guess")));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("who was in stays in", 0, fixture.status(bearerOf("secret")));
        fixture.peer = "192.0.2.9";
        CPPUNIT_ASSERT_EQUAL_MESSAGE("another address", 401, fixture.status(bearerOf("guess")));
    }

    void failedLoginsOfOneNetwork()
    {
        GateFixture fixture(tokens());
        for (int at = 0; at < 10; ++at)
        {
            fixture.peer = "2001:db8::" + std::to_string(at);
            (void)fixture.status(bearerOf("guess"));
        }
        fixture.peer = "2001:db8::ffff";
        CPPUNIT_ASSERT_EQUAL(429, fixture.status(bearerOf("guess")));
        fixture.peer = "2001:db8:0:1::1";
        CPPUNIT_ASSERT_EQUAL(401, fixture.status(bearerOf("guess")));
    }

    void expiredTokensAreNoGuesses()
    {
        GateFixture fixture(tokens({{"auth.token.ci.expires", "2020-01-01T00:00:00Z"}}));
        for (int at = 0; at < 100; ++at)
            CPPUNIT_ASSERT_EQUAL(401, fixture.status(bearerOf("secret")));
    }

    void settingsThatCannotWork()
    {
        const std::string hash = GateFixture::sha256Hex("secret");
        const Map broken[] = {
            {{"auth.type", "bearer"}},
            {{"auth.type", "magic"}},
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", "secret"}},
            {{"auth.type", "bearer"}, {"auth.token.a.type", "team"}},
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.b.sha256", hash}},
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.type", "boss"}},
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.expires", "soon"}},
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.permissions", "all"}},
            {{"auth.type", "basic"}, {"auth.user.a.password", "secret"}},
            {{"auth.type", "certificate"}, {"auth.certificate.a.type", "team"}},
            {{"auth.type", "jwt"}},
            {{"auth.type", "oauth"}},
            {{"auth.type", "oauth"}, {"http.publicUrl", "https://a.example"}},
            {{"http.trustedProxies", "proxy.example"}}};
        for (const Map& settings : broken)
            CPPUNIT_ASSERT_THROW_MESSAGE(settings.begin()->second, GateFixture(Map(settings)), Poco::Exception);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuthenticationTest);

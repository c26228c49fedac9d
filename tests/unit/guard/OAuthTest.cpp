#include "base/json/JsonDocument.h"
#include "unit/guard/Fixture.h"
#include "unit/guard/TestKeys.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// The rules of an OAuth 2.1 resource server.
class OAuthTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OAuthTest);
    CPPUNIT_TEST(metadataOfTheEndpoint);
    CPPUNIT_TEST(metadataOfTheServer);
    CPPUNIT_TEST(metadataBelowAPath);
    CPPUNIT_TEST(noMetadataWithoutOAuth);
    CPPUNIT_TEST(challengeWithoutToken);
    CPPUNIT_TEST(challengeOfAWrongToken);
    CPPUNIT_TEST(theFirstScopeToAskForIsTheLeast);
    CPPUNIT_TEST(audienceIsThisServer);
    CPPUNIT_TEST(issuerIsAnAuthorizationServer);
    CPPUNIT_TEST(requiredScope);
    CPPUNIT_TEST(scopesMakeTypes);
    CPPUNIT_TEST(missingPermission);
    CPPUNIT_TEST(holdersOfTokensMayAskForMore);
    CPPUNIT_TEST_SUITE_END();

    const TemporaryText _key{rsaKey().publicPem};

    GateFixture::Map settings(GateFixture::Map more = {}) const
    {
        more.emplace("auth.type", "oauth");
        more.emplace("auth.jwt.keyFile", _key.path());
        more.emplace("http.publicUrl", "https://mcp.example/");
        more.emplace("auth.oauth.authorizationServers", "https://login.example");
        more.emplace("auth.oauth.requiredScopes", "mcp:use");
        more.emplace("auth.oauth.scopeTypes", "mcp:admin=master, mcp:tools=team");
        return more;
    }

    static FakeHeaders bearer(const std::string& extra)
    {
        return {{"Authorization", "Bearer " + signedWith(rsaKey(), "RS256", R"({"alg":"RS256"})",
                                                         R"({"sub":"ann","exp":1800000600,)" + extra + "}")}};
    }

    static constexpr const char* GOOD =
        R"("iss":"https://login.example","aud":"https://mcp.example/mcp","scope":"mcp:use mcp:tools")";

    static std::string challenge(const guard::Admission& refused)
    {
        return GateFixture::headerOf(refused.refusal->headers, "WWW-Authenticate");
    }

public:
    void theFirstScopeToAskForIsTheLeast()
    {
        GateFixture fixture(settings({{"auth.oauth.requiredScopes", ""}}));
        CPPUNIT_ASSERT(challenge(fixture.admit()).starts_with("Bearer scope=\"mcp:tools\""));
        CPPUNIT_ASSERT(fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource")
                           .find(R"("scopes_supported":["mcp:tools"])") != std::string::npos);
        GateFixture strict(settings({{"auth.jwt.defaultType", ""}}));
        CPPUNIT_ASSERT(challenge(strict.admit()).starts_with("Bearer scope=\"mcp:use mcp:tools\""));
    }

    void metadataOfTheEndpoint()
    {
        GateFixture fixture(settings());
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://login.example"],)"
                        R"("scopes_supported":["mcp:use"],)"
                        R"("bearer_methods_supported":["header"],"resource_name":"Tenon"})"),
            fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource/mcp"));
    }

    void metadataOfTheServer()
    {
        GateFixture fixture(settings({{"auth.oauth.scopesSupported", "a"}}));
        const std::string json = fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource");
        const base::JsonDocumentPtr document = base::JsonDocument::parse(json);
        CPPUNIT_ASSERT(base::textMember(document->root(), "resource") == "https://mcp.example");
        CPPUNIT_ASSERT(json.find(R"("scopes_supported":["a"])") != std::string::npos);
        CPPUNIT_ASSERT(fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource/other").empty());
        CPPUNIT_ASSERT(fixture.gate.resourceMetadata("/").empty());
        CPPUNIT_ASSERT(fixture.gate.resourceMetadata("").empty());
    }

    void metadataBelowAPath()
    {
        GateFixture fixture(settings({{"http.publicUrl", "https://example.org/tenon"}}));
        const std::string json = fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource/tenon/mcp");
        CPPUNIT_ASSERT(json.find("https://example.org/tenon/mcp") != std::string::npos);
        CPPUNIT_ASSERT(
            challenge(fixture.admit())
                .find(R"(resource_metadata="https://example.org/.well-known/oauth-protected-resource/tenon/mcp")") !=
            std::string::npos);
    }

    void noMetadataWithoutOAuth()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT(fixture.gate.resourceMetadata("/.well-known/oauth-protected-resource").empty());
    }

    void challengeWithoutToken()
    {
        GateFixture fixture(settings());
        const guard::Admission refused = fixture.admit();
        CPPUNIT_ASSERT_EQUAL(401, refused.refusal->status);
        CPPUNIT_ASSERT_EQUAL(
            std::string("Bearer scope=\"mcp:use\", "
                        "resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\""),
            challenge(refused));
    }

    void challengeOfAWrongToken()
    {
        GateFixture fixture(settings());
        const guard::Admission refused = fixture.admit({{"Authorization", "Bearer a.b.c"}});
        CPPUNIT_ASSERT_EQUAL(401, refused.refusal->status);
        CPPUNIT_ASSERT(
            challenge(refused).starts_with("Bearer error=\"invalid_token\", scope=\"mcp:use\", resource_metadata="));
    }

    void audienceIsThisServer()
    {
        GateFixture fixture(settings());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status(bearer(GOOD)));
        CPPUNIT_ASSERT_EQUAL(
            401, fixture.status(
                     bearer(R"("iss":"https://login.example","scope":"mcp:use","aud":"https://other.example/mcp")")));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no audience", 401,
                                     fixture.status(bearer(R"("iss":"https://login.example","scope":"mcp:use")")));
    }

    void issuerIsAnAuthorizationServer()
    {
        GateFixture fixture(settings());
        CPPUNIT_ASSERT_EQUAL(
            401, fixture.status(
                     bearer(R"("iss":"https://evil.example","aud":"https://mcp.example/mcp","scope":"mcp:use")")));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status(bearer(R"("aud":"https://mcp.example/mcp","scope":"mcp:use")")));
    }

    void requiredScope()
    {
        GateFixture fixture(settings());
        const guard::Admission refused = fixture.admit(
            bearer(R"("iss":"https://login.example","aud":"https://mcp.example","scope":"mcp:used other")"));
        CPPUNIT_ASSERT_EQUAL(403, refused.refusal->status);
        CPPUNIT_ASSERT(challenge(refused).starts_with(
            "Bearer error=\"insufficient_scope\", scope=\"mcp:use\", resource_metadata="));
    }

    void scopesMakeTypes()
    {
        GateFixture fixture(settings());
        CPPUNIT_ASSERT_EQUAL(std::string("team"), fixture.admit(bearer(GOOD)).principal->type);
        CPPUNIT_ASSERT_EQUAL(
            std::string("master"),
            fixture
                .admit(bearer(
                    R"("iss":"https://login.example","aud":["https://mcp.example"],"scp":["mcp:tools","mcp:admin",)"
                    R"("mcp:use"])"))
                .principal->type);
        CPPUNIT_ASSERT_EQUAL(
            std::string("readonly"),
            fixture.admit(bearer(R"("iss":"https://login.example","aud":"https://mcp.example","scope":"mcp:use")"))
                .principal->type);
        GateFixture strict(settings({{"auth.jwt.defaultType", ""}}));
        CPPUNIT_ASSERT_EQUAL(
            403,
            strict.status(bearer(R"("iss":"https://login.example","aud":"https://mcp.example","scope":"mcp:use")")));
    }

    void missingPermission()
    {
        GateFixture fixture(settings());
        const guard::Reply reply = fixture.gate.forbid("/mcp", base::Access::BROADCAST, "Only some may broadcast");
        CPPUNIT_ASSERT_EQUAL(403, reply.status);
        CPPUNIT_ASSERT_EQUAL(
            std::string("Bearer error=\"insufficient_scope\", scope=\"mcp:use mcp:admin\", "
                        "resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\", "
                        "error_description=\"Only some may broadcast\""),
            GateFixture::headerOf(reply.headers, "WWW-Authenticate"));

        // The least that helps: no need for an administrator to delete a file.
        const guard::Reply tool = fixture.gate.forbid("/mcp", base::Access::TOOL, "No", "delete_file", false);
        CPPUNIT_ASSERT(GateFixture::headerOf(tool.headers, "WWW-Authenticate")
                           .starts_with("Bearer error=\"insufficient_scope\", scope=\"mcp:use mcp:tools\", "));
    }

    void holdersOfTokensMayAskForMore()
    {
        GateFixture fixture(settings());
        CPPUNIT_ASSERT(fixture.admit(bearer(GOOD)).principal->mayAskForMore);
        GateFixture fixed({{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        CPPUNIT_ASSERT(!fixed.admit({{"Authorization", "Bearer x"}}).principal->mayAskForMore);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OAuthTest);

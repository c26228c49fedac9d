#include "unit/guard/Fixture.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using test::FakeHeaders;
using test::GateFixture;

class CorsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CorsTest);
    CPPUNIT_TEST(allowedPage);
    CPPUNIT_TEST(noPageNoHeaders);
    CPPUNIT_TEST(everybodyGetsNoCredentials);
    CPPUNIT_TEST(namedPageGetsCredentials);
    CPPUNIT_TEST(preflightLetsIn);
    CPPUNIT_TEST(preflightKeepsOut);
    CPPUNIT_TEST(preflightFiltersHeaders);
    CPPUNIT_TEST(privateNetwork);
    CPPUNIT_TEST(plainOptions);
    CPPUNIT_TEST(refusalsCarryTheHeaders);
    CPPUNIT_TEST(turnedOff);
    CPPUNIT_TEST_SUITE_END();

    static guard::Reply preflight(GateFixture& fixture, FakeHeaders headers)
    {
        headers.values.emplace("Host", "localhost:8080");
        return fixture.gate.preflight(fixture.facts(headers), "GET, POST, DELETE, OPTIONS");
    }

    static std::string of(const guard::HeaderPairs& headers, const char* name)
    {
        return GateFixture::headerOf(headers, name);
    }

public:
    void allowedPage()
    {
        GateFixture fixture(GateFixture::Map{{"http.allowedOrigins", "https://app.example"}});
        const guard::Admission admission = fixture.admit({{"Origin", "https://app.example"}});
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT_EQUAL(std::string("https://app.example"), of(admission.headers, "Access-Control-Allow-Origin"));
        CPPUNIT_ASSERT_EQUAL(std::string("Origin"), of(admission.headers, "Vary"));
        const std::string exposed = of(admission.headers, "Access-Control-Expose-Headers");
        for (const char* name : {"Mcp-Session-Id", "MCP-Protocol-Version", "WWW-Authenticate"})
            CPPUNIT_ASSERT_MESSAGE(name, exposed.find(name) != std::string::npos);
        CPPUNIT_ASSERT(of(admission.headers, "Access-Control-Allow-Credentials").empty());
    }

    void noPageNoHeaders()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT(fixture.admit().headers.empty());
    }

    void everybodyGetsNoCredentials()
    {
        GateFixture fixture({{"http.allowedOrigins", "*"}, {"http.corsCredentials", "true"}});
        const guard::Admission admission = fixture.admit({{"Origin", "https://any.example"}});
        CPPUNIT_ASSERT_EQUAL(std::string("*"), of(admission.headers, "Access-Control-Allow-Origin"));
        CPPUNIT_ASSERT(of(admission.headers, "Access-Control-Allow-Credentials").empty());
    }

    void namedPageGetsCredentials()
    {
        GateFixture fixture({{"http.allowedOrigins", "https://app.example"}, {"http.corsCredentials", "true"}});
        const guard::Admission admission = fixture.admit({{"Origin", "https://app.example"}});
        CPPUNIT_ASSERT_EQUAL(std::string("true"), of(admission.headers, "Access-Control-Allow-Credentials"));
    }

    void preflightLetsIn()
    {
        GateFixture fixture;
        const guard::Reply reply =
            preflight(fixture, {{"Origin", "http://localhost:6274"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "authorization,mcp-session-id"}});
        CPPUNIT_ASSERT_EQUAL(204, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("http://localhost:6274"), of(reply.headers, "Access-Control-Allow-Origin"));
        CPPUNIT_ASSERT_EQUAL(std::string("GET, POST, DELETE, OPTIONS"),
                             of(reply.headers, "Access-Control-Allow-Methods"));
        CPPUNIT_ASSERT_EQUAL(std::string("authorization, mcp-session-id"),
                             of(reply.headers, "Access-Control-Allow-Headers"));
        CPPUNIT_ASSERT_EQUAL(std::string("600"), of(reply.headers, "Access-Control-Max-Age"));
    }

    void preflightKeepsOut()
    {
        GateFixture fixture;
        const guard::Reply reply =
            preflight(fixture, {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}});
        CPPUNIT_ASSERT_EQUAL(403, reply.status);
        CPPUNIT_ASSERT(of(reply.headers, "Access-Control-Allow-Origin").empty());
        CPPUNIT_ASSERT(reply.body.find("http.allowedOrigins") != std::string::npos);
    }

    void preflightFiltersHeaders()
    {
        GateFixture fixture({{"auth.type", "apikey"},
                             {"auth.apikey.header", "X-My-Key"},
                             {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        const guard::Reply reply =
            preflight(fixture, {{"Origin", "http://localhost"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers",
                                 "x-my-key, cookie2, mcp-param-Query, evil:x, accept\r\nx: y, MCP-Protocol-Version"}});
        CPPUNIT_ASSERT_EQUAL(std::string("x-my-key, mcp-param-Query, MCP-Protocol-Version"),
                             of(reply.headers, "Access-Control-Allow-Headers"));
    }

    void privateNetwork()
    {
        GateFixture fixture;
        const guard::Reply reply = preflight(fixture, {{"Origin", "http://localhost"},
                                                       {"Access-Control-Request-Method", "POST"},
                                                       {"Access-Control-Request-Private-Network", "true"}});
        CPPUNIT_ASSERT_EQUAL(std::string("true"), of(reply.headers, "Access-Control-Allow-Private-Network"));
    }

    void plainOptions()
    {
        GateFixture fixture;
        const guard::Reply reply = preflight(fixture, {});
        CPPUNIT_ASSERT_EQUAL(204, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, POST, DELETE, OPTIONS"), of(reply.headers, "Allow"));
        CPPUNIT_ASSERT(of(reply.headers, "Access-Control-Allow-Methods").empty());
    }

    // A page can only read why it was refused, and where to get a token, if the refusal has the headers too.
    void refusalsCarryTheHeaders()
    {
        GateFixture fixture({{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        const guard::Admission admission = fixture.admit({{"Origin", "http://localhost:6274"}});
        CPPUNIT_ASSERT_EQUAL(401, admission.refusal->status);
        CPPUNIT_ASSERT_EQUAL(std::string("http://localhost:6274"),
                             of(admission.refusal->headers, "Access-Control-Allow-Origin"));
    }

    void turnedOff()
    {
        GateFixture fixture(GateFixture::Map{{"http.cors", "false"}});
        const guard::Admission admission = fixture.admit({{"Origin", "http://localhost:6274"}});
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT(admission.headers.empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CorsTest);

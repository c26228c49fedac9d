#include "base/settings/SettingsException.h"
#include "support/Allocations.h"
#include "unit/guard/Fixture.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using test::FakeHeaders;
using test::GateFixture;

class GateTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GateTest);
    CPPUNIT_TEST(laptopDefaultLetsIn);
    CPPUNIT_TEST(laptopDefaultAllocatesNothing);
    CPPUNIT_TEST(rebindingIsKeptOut);
    CPPUNIT_TEST(rebindingWithForwardingHeadersIsKeptOut);
    CPPUNIT_TEST(behindAProxy);
    CPPUNIT_TEST(untrustedForwardingIsIgnored);
    CPPUNIT_TEST(openRoutesNeedNoCredentials);
    CPPUNIT_TEST(openRoutesCheckTheHost);
    CPPUNIT_TEST(anonymousOnLoopbackMayEverything);
    CPPUNIT_TEST(anonymousElsewhereMayNotRunTheServer);
    CPPUNIT_TEST(rateOfPrincipals);
    CPPUNIT_TEST(rateOfAddresses);
    CPPUNIT_TEST(noRateUnlessSet);
    CPPUNIT_TEST(limitsOfTypes);
    CPPUNIT_TEST(limitsAreThoseOfTheAddressForAnonymousOnes);
    CPPUNIT_TEST(faultsSayWhereTheyStand);
    CPPUNIT_TEST(operatorsSeeWhatTypesAreLike);
    CPPUNIT_TEST(aTokenEndsItsPrincipal);
    CPPUNIT_TEST(anAdmissionStandsForWhatIsTheSame);
    CPPUNIT_TEST(whatIsOfOneRequestDoesNotStand);
    CPPUNIT_TEST(reload);
    CPPUNIT_TEST(failedReloadChangesNothing);
    CPPUNIT_TEST(aReloadLetsNobodyInByOmission);
    CPPUNIT_TEST(bindingLoopbackNeedsNothing);
    CPPUNIT_TEST(bindingPublicNeedsAuthentication);
    CPPUNIT_TEST(headerInjection);
    CPPUNIT_TEST(everySettingIsDescribed);
    CPPUNIT_TEST_SUITE_END();

    static void check(std::map<std::string, std::string> values, const std::string& address)
    {
        guard::Bind bind;
        bind.address = address;
        guard::checkBind(*base::Settings::of(std::move(values), guard::settings()), bind);
    }

public:
    void laptopDefaultLetsIn()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("anonymous"), fixture.admit().principal->id);
    }

    void laptopDefaultAllocatesNothing()
    {
        GateFixture fixture;
        const FakeHeaders headers{{"Host", "localhost:8080"}};
        const guard::RequestFacts facts = fixture.facts(headers);
        (void)fixture.gate.admit(facts);
        const tests::AllocationCounter counter;
        const guard::Admission admission = fixture.gate.admit(facts);
        const std::size_t counted = counter.count();
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), counted);
        CPPUNIT_ASSERT(admission.admitted());
    }

    void rebindingIsKeptOut()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT_EQUAL(403,
                             fixture.status({{"Host", "evil.example.com"}, {"Origin", "http://evil.example.com"}}));
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"Host", "evil.example.com:8080"}}));
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"Origin", "http://evil.example.com"}}));
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"Host", ""}}));
        const guard::Admission refused = fixture.admit({{"Host", "evil.example.com"}});
        CPPUNIT_ASSERT(!refused.principal);
        CPPUNIT_ASSERT(refused.refusal->body.find("http.allowedHosts") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"),
                             GateFixture::headerOf(refused.refusal->headers, "Content-Type"));
    }

    // A page that has rebound its name can send any header it likes, from this machine, which may be a trusted proxy
    // too.
    void rebindingWithForwardingHeadersIsKeptOut()
    {
        GateFixture fixture(GateFixture::Map{{"http.trustedProxies", "127.0.0.1"}});
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"Host", "evil.example"}, {"X-Forwarded-Host", "localhost"}}));
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"X-Forwarded-Host", "evil.example"}}));
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"X-Forwarded-Host", "localhost"}}));
    }

    void behindAProxy()
    {
        GateFixture fixture({{"http.trustedProxies", "127.0.0.1"}, {"http.publicUrl", "https://mcp.example"}});
        const guard::Admission admission = fixture.admit({{"Host", "mcp.example"},
                                                          {"Origin", "https://mcp.example"},
                                                          {"X-Forwarded-For", "192.0.2.7"},
                                                          {"X-Forwarded-Proto", "https"}});
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT(admission.clientAddress == "192.0.2.7");
        CPPUNIT_ASSERT(admission.secure);
    }

    void untrustedForwardingIsIgnored()
    {
        GateFixture fixture;
        const guard::Admission admission = fixture.admit(
            {{"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "evil.example"}});
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT(admission.clientAddress == "127.0.0.1");
        CPPUNIT_ASSERT(!admission.secure);
    }

    void openRoutesNeedNoCredentials()
    {
        GateFixture fixture({{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        fixture.area = guard::Area::OPEN;
        const guard::Admission admission = fixture.admit();
        CPPUNIT_ASSERT(admission.admitted());
        CPPUNIT_ASSERT(!admission.principal->may(base::Access::TOOL, "any", true));
        CPPUNIT_ASSERT(!admission.principal->may(base::Access::STATS, {}, false));
    }

    void openRoutesCheckTheHost()
    {
        GateFixture fixture;
        fixture.area = guard::Area::OPEN;
        CPPUNIT_ASSERT_EQUAL(403, fixture.status({{"Host", "evil.example"}}));
    }

    void anonymousOnLoopbackMayEverything()
    {
        GateFixture fixture;
        const base::PrincipalPtr principal = fixture.admit().principal;
        CPPUNIT_ASSERT(principal->mayEverything());
        CPPUNIT_ASSERT(principal->may(base::Access::BROADCAST, {}, false));
    }

    void anonymousElsewhereMayNotRunTheServer()
    {
        guard::Bind bind;
        bind.address = "0.0.0.0";
        GateFixture fixture(GateFixture::Map{{"auth.allowAnonymous", "true"}}, bind);
        const base::PrincipalPtr principal = fixture.admit().principal;
        CPPUNIT_ASSERT(principal->mayEverything());
        CPPUNIT_ASSERT(!principal->may(base::Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(!principal->may(base::Access::STATS, {}, false));

        GateFixture limited(GateFixture::Map{{"auth.types.anonymous.tools", "echo"}});
        CPPUNIT_ASSERT(limited.admit().principal->may(base::Access::TOOL, "echo", false));
        CPPUNIT_ASSERT(!limited.admit().principal->may(base::Access::TOOL, "rm", false));
    }

    void rateOfPrincipals()
    {
        GateFixture fixture({{"auth.type", "bearer"},
                             {"auth.token.a.sha256", GateFixture::sha256Hex("a")},
                             {"auth.token.b.sha256", GateFixture::sha256Hex("b")},
                             {"auth.types.team.rate", "3"}});
        for (int at = 0; at < 3; ++at)
        {
            const guard::Admission admission = fixture.admit({{"Authorization", "Bearer a"}});
            CPPUNIT_ASSERT(admission.admitted());
            CPPUNIT_ASSERT_EQUAL(std::to_string(2 - at),
                                 GateFixture::headerOf(admission.headers, "RateLimit-Remaining"));
            CPPUNIT_ASSERT_EQUAL(std::string("3"), GateFixture::headerOf(admission.headers, "RateLimit-Limit"));
        }
        const guard::Admission refused = fixture.admit({{"Authorization", "Bearer a"}});
        CPPUNIT_ASSERT_EQUAL(429, refused.refusal->status);
        CPPUNIT_ASSERT_EQUAL(std::string("20"), GateFixture::headerOf(refused.refusal->headers, "Retry-After"));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), GateFixture::headerOf(refused.refusal->headers, "RateLimit-Remaining"));
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Authorization", "Bearer b"}}));
        fixture.clock.advanceMs(20'000);
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Authorization", "Bearer a"}}));
    }

    void rateOfAddresses()
    {
        GateFixture fixture(GateFixture::Map{{"limits.rate", "2"}});
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        CPPUNIT_ASSERT_EQUAL(429, fixture.status());
        fixture.peer = "127.0.0.2";
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
    }

    void noRateUnlessSet()
    {
        GateFixture fixture;
        for (int at = 0; at < 1000; ++at)
            CPPUNIT_ASSERT_EQUAL(0, fixture.status());
    }

    void limitsOfTypes()
    {
        GateFixture fixture(
            GateFixture::Map{{"auth.types.anonymous.maxStreams", "5"}, {"auth.types.anonymous.maxCalls", "7"}});
        const guard::Admission admission = fixture.admit();
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(5), admission.limits.streams.value());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(7), admission.limits.callsInFlight.value());
        CPPUNIT_ASSERT(!admission.limits.sessions);
        CPPUNIT_ASSERT_MESSAGE("strangers are counted too", !GateFixture().admit().holder.empty());
    }

    void limitsAreThoseOfTheAddressForAnonymousOnes()
    {
        GateFixture fixture(GateFixture::Map{{"auth.types.anonymous.maxCalls", "7"}});
        const std::string mine = fixture.admit().holder;
        fixture.peer = "127.0.0.9";
        CPPUNIT_ASSERT(!mine.empty());
        CPPUNIT_ASSERT(mine != fixture.admit().holder);

        GateFixture named(GateFixture::Map{{"auth.type", "bearer"},
                                           {"auth.token.ci.sha256", GateFixture::sha256Hex("x")},
                                           {"auth.types.team.maxCalls", "7"}});
        CPPUNIT_ASSERT_EQUAL(std::string("token:ci"), named.admit({{"Authorization", "Bearer x"}}).holder);
    }

    void faultsSayWhereTheyStand()
    {
        const std::string hash = GateFixture::sha256Hex("x");
        const std::vector<std::pair<GateFixture::Map, std::string>> cases = {
            {{{"auth.type", "bearr"}}, "--auth.type: 'auth.type' holds 'bearr'"},
            {{{"auth.type", "basic"}}, "--auth.type: 'auth.type' names basic, but there is no user"},
            {{{"auth.type", "bearer"}}, "--auth.type: 'auth.type' names bearer"},
            {{{"auth.type", "jwt"}}, "--auth.type: 'auth.type' names jwt, which needs keys"},
            {{{"auth.type", "bearer"}, {"auth.token.a.sha256", "12"}}, "--auth.token.a.sha256: "},
            {{{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.type", "no"}},
             "--auth.token.a.type: 'auth.token.a.type' names the type 'no'"},
            {{{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.permissions", "tol:x"}},
             "--auth.token.a.permissions: "},
            {{{"auth.type", "bearer"}, {"auth.token.a.sha256", hash}, {"auth.token.a.expires", "soon"}},
             "--auth.token.a.expires: "},
            {{{"http.trustedProxies", "10.0.0.0/99"}}, "--http.trustedProxies: 'http.trustedProxies' cannot be read"},
            {{{"auth.type", "jwt"}, {"auth.jwt.keyFile", "/gone"}},
             "--auth.jwt.keyFile: 'auth.jwt.keyFile' names /gone"},
        };
        for (const auto& [settings, begin] : cases)
            try
            {
                GateFixture fixture(settings);
                CPPUNIT_FAIL("taken: " + begin);
            }
            catch (const Poco::Exception& exc)
            {
                CPPUNIT_ASSERT_MESSAGE(begin + " <> " + exc.message(), exc.message().starts_with(begin));
            }
    }

    void operatorsSeeWhatTypesAreLike()
    {
        GateFixture fixture(GateFixture::Map{{"auth.types.ci.tools", "build_*"}, {"auth.types.ci.maxCalls", "2"}});
        CPPUNIT_ASSERT(!fixture.gate.demandsCredentials());
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), fixture.gate.typeNames().size());
        const auto principal = fixture.gate.principalOfType("ci");
        CPPUNIT_ASSERT(principal->may(base::Access::TOOL, "build_all", false));
        CPPUNIT_ASSERT(!principal->may(base::Access::TOOL, "deploy", false));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(2), fixture.gate.limitsOfType("ci").callsInFlight.value());
        CPPUNIT_ASSERT(!fixture.gate.principalOfType("nobody"));
        GateFixture closed(
            GateFixture::Map{{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        CPPUNIT_ASSERT(closed.gate.demandsCredentials());
    }

    void aTokenEndsItsPrincipal()
    {
        GateFixture fixture(GateFixture::Map{{"auth.type", "bearer"},
                                             {"auth.token.a.sha256", GateFixture::sha256Hex("x")},
                                             {"auth.token.a.expires", "2027-01-15T08:10:00Z"},
                                             {"auth.token.b.sha256", GateFixture::sha256Hex("y")}});
        const auto ends = fixture.admit({{"Authorization", "Bearer x"}}).principal->expiresAt;
        const std::int64_t left = 1800000600 - fixture.clock.unixSeconds();
        CPPUNIT_ASSERT(ends == std::chrono::steady_clock::time_point(
                                   std::chrono::milliseconds(fixture.clock.steadyMs() + left * 1000)));
        CPPUNIT_ASSERT(fixture.admit({{"Authorization", "Bearer y"}}).principal->expiresAt ==
                       std::chrono::steady_clock::time_point::max());
    }

    void anAdmissionStandsForWhatIsTheSame()
    {
        GateFixture fixture;
        const FakeHeaders plain{{"Host", "localhost:8080"}}, foreign{{"Host", "evil.example.com"}};
        const FakeHeaders page{{"Host", "localhost:8080"}, {"Origin", "http://evil.example.com"}};
        guard::Admission latest;
        const auto renew = [&](const FakeHeaders& headers, std::string_view peer = "127.0.0.1",
                               guard::Area area = guard::Area::ENDPOINT)
        {
            guard::RequestFacts facts = fixture.facts(headers);
            facts.peerAddress = peer;
            facts.area = area;
            fixture.gate.renew(facts, latest);
            return latest.admitted();
        };
        CPPUNIT_ASSERT(renew(plain) && latest.standing != 0);
        CPPUNIT_ASSERT(renew(plain) && latest.standing != 0);
        const std::string holder = latest.holder;
        CPPUNIT_ASSERT(!renew(foreign) && latest.standing == 0);
        CPPUNIT_ASSERT(renew(plain));
        CPPUNIT_ASSERT(!renew(page) && latest.standing == 0);
        CPPUNIT_ASSERT(renew(plain));
        CPPUNIT_ASSERT(renew(plain, "127.0.0.2"));
        CPPUNIT_ASSERT(latest.holder != holder);
        CPPUNIT_ASSERT(renew(plain) && latest.holder == holder);
        CPPUNIT_ASSERT(renew(plain, "127.0.0.2", guard::Area::OPEN));
        CPPUNIT_ASSERT(!latest.principal->may(base::Access::STATS, {}, false) && latest.standing == 0);
        CPPUNIT_ASSERT(renew(plain));
        fixture.gate.reload(*base::Settings::of({{"limits.rate", "5"}}, guard::settings()));
        CPPUNIT_ASSERT(renew(plain) && !latest.headers.empty());
    }

    void whatIsOfOneRequestDoesNotStand()
    {
        const FakeHeaders plain{{"Host", "localhost:8080"}};
        guard::Admission latest;
        for (const auto& settings :
             {GateFixture::Map{{"limits.rate", "60"}}, GateFixture::Map{{"http.trustedProxies", "127.0.0.1"}},
              GateFixture::Map{{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}}})
        {
            GateFixture fixture(settings);
            const FakeHeaders known{{"Host", "localhost:8080"}, {"Authorization", "Bearer x"}};
            const guard::RequestFacts facts = fixture.facts(known);
            fixture.gate.renew(facts, latest);
            CPPUNIT_ASSERT(latest.admitted());
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), latest.standing);
        }
        // Nor does what another gate gave.
        GateFixture one,
            other(GateFixture::Map{{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        one.gate.renew(one.facts(plain), latest);
        CPPUNIT_ASSERT(latest.standing != 0);
        other.gate.renew(other.facts(plain), latest);
        CPPUNIT_ASSERT(!latest.admitted());
    }

    void reload()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
        fixture.gate.reload(*base::Settings::of(
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}}, guard::settings()));
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Authorization", "Bearer x"}}));
        fixture.gate.reload(*base::Settings::of(
            {{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("y")}}, guard::settings()));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a withdrawn token is not remembered", 401,
                                     fixture.status({{"Authorization", "Bearer x"}}));
    }

    void failedReloadChangesNothing()
    {
        GateFixture fixture;
        CPPUNIT_ASSERT_THROW(fixture.gate.reload(*base::Settings::of({{"auth.type", "bearer"}}, guard::settings())),
                             base::SettingsException);
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
    }

    void aReloadLetsNobodyInByOmission()
    {
        GateFixture fixture({{"auth.type", "bearer"}, {"auth.token.a.sha256", GateFixture::sha256Hex("x")}});
        CPPUNIT_ASSERT_THROW(fixture.gate.reload(*base::Settings::of({}, guard::settings())), base::SettingsException);
        CPPUNIT_ASSERT_EQUAL(401, fixture.status());
        CPPUNIT_ASSERT_EQUAL(0, fixture.status({{"Authorization", "Bearer x"}}));
        fixture.gate.reload(*base::Settings::of({{"auth.type", "none"}}, guard::settings()));
        CPPUNIT_ASSERT_EQUAL(0, fixture.status());
    }

    void bindingLoopbackNeedsNothing()
    {
        for (const char* address : {"127.0.0.1", "::1", "localhost"})
            check({}, address);
    }

    void bindingPublicNeedsAuthentication()
    {
        for (const char* address : {"0.0.0.0", "::", "192.0.2.7", "", "mcp.example"})
        {
            CPPUNIT_ASSERT_THROW_MESSAGE(address, check({}, address), base::SettingsException);
            CPPUNIT_ASSERT_THROW_MESSAGE(address, check({{"auth.type", "none, bearer"}}, address),
                                         base::SettingsException);
            check({{"auth.type", "bearer"}}, address);
            check({{"auth.allowAnonymous", "true"}}, address);
        }
        try
        {
            check({}, "0.0.0.0");
        }
        catch (const Poco::Exception& exc)
        {
            CPPUNIT_ASSERT(exc.displayText().find("auth.allowAnonymous=true") != std::string::npos);
        }
    }

    void headerInjection()
    {
        GateFixture fixture(GateFixture::Map{{"http.allowedOrigins", "*, https://*"}});
        for (const char* origin : {"https://a.example\r\nSet-Cookie: x=1", "https://a.example\nX: y", "https://a\x01"})
        {
            const guard::Admission refused = fixture.admit({{"Origin", origin}});
            CPPUNIT_ASSERT_EQUAL(403, refused.refusal->status);
            for (const auto& [name, value] : refused.refusal->headers)
                CPPUNIT_ASSERT(base::isPrintable(name) && base::isPrintable(value));
        }
        const guard::Admission refused = fixture.admit({{"Host", "evil\r\nX: y"}});
        CPPUNIT_ASSERT(base::isPrintable(refused.refusal->body));
    }

    void everySettingIsDescribed()
    {
        for (const base::SettingSpec& spec : guard::settings())
        {
            CPPUNIT_ASSERT_MESSAGE(std::string(spec.key),
                                   spec.description.size() > 10 && base::isPrintable(spec.description));
            CPPUNIT_ASSERT_MESSAGE(std::string(spec.key), spec.description.find('\n') == std::string_view::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GateTest);

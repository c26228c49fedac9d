#include "base/settings/SettingsException.h"
#include "base/text/Base64.h"
#include "unit/guard/Fixture.h"
#include "unit/guard/TestKeys.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// JSON Web Tokens: what is let in, and the attacks that are not.
class JwtTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JwtTest);
    CPPUNIT_TEST(hmac);
    CPPUNIT_TEST(rsa);
    CPPUNIT_TEST(elliptic);
    CPPUNIT_TEST(keySetFile);
    CPPUNIT_TEST(principal);
    CPPUNIT_TEST(permissionsClaim);
    CPPUNIT_TEST(algorithmNone);
    CPPUNIT_TEST(rsaKeyAsHmacSecret);
    CPPUNIT_TEST(algorithmOfAnotherCurve);
    CPPUNIT_TEST(algorithmsOfTheSettings);
    CPPUNIT_TEST(expired);
    CPPUNIT_TEST(notYetValid);
    CPPUNIT_TEST(audience);
    CPPUNIT_TEST(tokensForServersBehind);
    CPPUNIT_TEST(issuer);
    CPPUNIT_TEST(wrongSignature);
    CPPUNIT_TEST(wrongKeyId);
    CPPUNIT_TEST(criticalExtension);
    CPPUNIT_TEST(twoAlgorithmsInOneHeader);
    CPPUNIT_TEST(malformed);
    CPPUNIT_TEST(noSubject);
    CPPUNIT_TEST(rememberedTokensExpireToo);
    CPPUNIT_TEST(keysThatAreRefused);
    CPPUNIT_TEST_SUITE_END();

    const std::string _secret = "0123456789abcdef0123456789abcdef";
    const std::string _head = R"({"alg":"HS256","typ":"JWT"})";
    const std::string _claims = R"({"sub":"ann","exp":1800000600,"type":"team"})"; // ten minutes on the fake clock

    static int status(GateFixture& fixture, const std::string& token)
    {
        return fixture.status({{"Authorization", "Bearer " + token}});
    }

    struct Hmac
    {
        explicit Hmac(const std::string& secret, GateFixture::Map more = {})
            : file(secret + "\n"), fixture(merged(std::move(more), file.path()))
        {
        }
        static GateFixture::Map merged(GateFixture::Map more, const std::string& path)
        {
            more.emplace("auth.type", "jwt");
            more.emplace("auth.jwt.secretFile", path);
            return more;
        }
        TemporaryText file;
        GateFixture fixture;
    };

    std::string token(const std::string& claims) const { return signedWithSecret(_secret, "HS256", _head, claims); }

    static GateFixture::Map keyFile(const TemporaryText& file, GateFixture::Map more = {})
    {
        more.emplace("auth.type", "jwt");
        more.emplace("auth.jwt.keyFile", file.path());
        return more;
    }

public:
    void hmac()
    {
        Hmac hmac(_secret);
        for (const char* algorithm : {"HS256", "HS384", "HS512"})
        {
            const std::string head = R"({"alg":")" + std::string(algorithm) + "\"}";
            CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, signedWithSecret(_secret, algorithm, head, _claims)));
            CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, signedWithSecret(_secret + "x", algorithm, head, _claims)));
        }
    }

    void rsa()
    {
        const TemporaryText file(rsaKey().publicPem);
        GateFixture fixture(keyFile(file));
        for (const char* algorithm : {"RS256", "RS384", "RS512"})
        {
            const std::string head = R"({"alg":")" + std::string(algorithm) + "\"}";
            CPPUNIT_ASSERT_EQUAL(0, status(fixture, signedWith(rsaKey(), algorithm, head, _claims)));
            CPPUNIT_ASSERT_EQUAL(401, status(fixture, signedWith(otherRsaKey(), algorithm, head, _claims)));
        }
    }

    void elliptic()
    {
        const char* pairs[][2] = {{"P-256", "ES256"}, {"P-384", "ES384"}, {"P-521", "ES512"}};
        for (const auto& [curve, algorithm] : pairs)
        {
            const TemporaryText file(ecKey(curve).publicPem);
            GateFixture fixture(keyFile(file));
            const std::string head = R"({"alg":")" + std::string(algorithm) + "\"}";
            // Several, since numbers of a signature begin with zeros now and then.
            for (int at = 0; at < 20; ++at)
            {
                std::string good = signedWith(ecKey(curve), algorithm, head, _claims);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(algorithm, 0, status(fixture, good));
                good[good.size() - 10] = good[good.size() - 10] == 'A' ? 'B' : 'A';
                fixture.clock.advanceMs(30);
                fixture.peer = "10.0.0." + std::to_string(at);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(algorithm, 401, status(fixture, good));
            }
        }
    }

    void keySetFile()
    {
        const TemporaryText file(
            R"({"keys":[{"kid":"r","use":"sig",)" + rsaKey().jwk + R"(},{"kid":"e",)" + ecKey("P-256").jwk +
            R"(},{"kid":"o",)" + otherRsaKey().jwk +
            R"(,"use":"enc"},{"kty":"oct","kid":"s","k":"c2VjcmV0"},{"kid":"b","kty":"RSA","n":"*"}]})");
        GateFixture fixture(keyFile(file));
        CPPUNIT_ASSERT_EQUAL(0,
                             status(fixture, signedWith(rsaKey(), "RS256", R"({"alg":"RS256","kid":"r"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(0, status(fixture, signedWith(rsaKey(), "RS256", R"({"alg":"RS256"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(
            0, status(fixture, signedWith(ecKey("P-256"), "ES256", R"({"alg":"ES256","kid":"e"})", _claims)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            "a key for encryption", 401,
            status(fixture, signedWith(otherRsaKey(), "RS256", R"({"alg":"RS256","kid":"o"})", _claims)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            "a secret in a key set", 401,
            status(fixture, signedWithSecret("secret", "HS256", R"({"alg":"HS256","kid":"s"})", _claims)));
    }

    void principal()
    {
        Hmac hmac(_secret);
        const auto admit = [&](const std::string& claims) {
            return hmac.fixture.admit({{"Authorization", "Bearer " + token(claims)}}).principal;
        };
        const base::PrincipalPtr ann =
            admit(R"({"iss":"https://a.example","sub":"ann","name":"Ann","exp":1800000600,"type":"master",)"
                  R"("email":"a@a.example"})");
        CPPUNIT_ASSERT(ann);
        CPPUNIT_ASSERT_EQUAL(std::string("jwt:https://a.example|ann"), ann->id);
        CPPUNIT_ASSERT_EQUAL(std::string("Ann"), ann->name);
        CPPUNIT_ASSERT_EQUAL(std::string("master"), ann->type);
        CPPUNIT_ASSERT_EQUAL(std::string("a@a.example"), ann->claims.at("email"));
        CPPUNIT_ASSERT_EQUAL(std::string("readonly"), admit(R"({"sub":"x","exp":1800000600})")->type);
        CPPUNIT_ASSERT_EQUAL(std::string("readonly"), admit(R"({"sub":"x","exp":1800000600,"type":"emperor"})")->type);
    }

    void permissionsClaim()
    {
        Hmac hmac(_secret);
        const base::PrincipalPtr narrowed =
            hmac.fixture
                .admit({{"Authorization",
                         "Bearer " +
                             token(R"({"sub":"x","exp":1800000600,"type":"team","permissions":["tool:read_*"]})")}})
                .principal;
        CPPUNIT_ASSERT(narrowed->may(base::Access::TOOL, "read_file", false));
        CPPUNIT_ASSERT(!narrowed->may(base::Access::TOOL, "write_file", false));
    }

    void algorithmNone()
    {
        Hmac hmac(_secret);
        for (const char* algorithm : {"none", "None", "NONE", "nOnE", ""})
        {
            const std::string head = R"({"alg":")" + std::string(algorithm) + "\"}";
            const std::string unsignedToken = base::toBase64Url(head) + "." + base::toBase64Url(_claims) + ".";
            CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, unsignedToken));
            hmac.fixture.peer += "1";
            CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, signedWithSecret(_secret, "HS256", head, _claims)));
        }
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, signedWithSecret(_secret, "HS256", "{}", _claims)));
    }

    // A verifier that takes the algorithm from the token uses the public key, which everybody has, as the secret.
    void rsaKeyAsHmacSecret()
    {
        const TemporaryText file(rsaKey().publicPem);
        GateFixture fixture(keyFile(file));
        CPPUNIT_ASSERT_EQUAL(401, status(fixture, signedWithSecret(rsaKey().publicPem, "HS256", _head, _claims)));
        const TemporaryText secret(_secret);
        GateFixture both(keyFile(file, {{"auth.jwt.secretFile", secret.path()}}));
        CPPUNIT_ASSERT_EQUAL(0, status(both, token(_claims)));
        CPPUNIT_ASSERT_EQUAL(0, status(both, signedWith(rsaKey(), "RS256", R"({"alg":"RS256"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(401, status(both, signedWithSecret(rsaKey().publicPem, "HS256", _head, _claims)));
    }

    void algorithmOfAnotherCurve()
    {
        const TemporaryText file(ecKey("P-384").publicPem);
        GateFixture fixture(keyFile(file));
        CPPUNIT_ASSERT_EQUAL(401, status(fixture, signedWith(ecKey("P-384"), "ES256", R"({"alg":"ES256"})", _claims)));
    }

    void algorithmsOfTheSettings()
    {
        const TemporaryText file(rsaKey().publicPem);
        GateFixture fixture(keyFile(file, {{"auth.jwt.algorithms", "RS512"}}));
        CPPUNIT_ASSERT_EQUAL(0, status(fixture, signedWith(rsaKey(), "RS512", R"({"alg":"RS512"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(401, status(fixture, signedWith(rsaKey(), "RS256", R"({"alg":"RS256"})", _claims)));
        CPPUNIT_ASSERT_THROW(GateFixture(keyFile(file, {{"auth.jwt.algorithms", "none"}})), Poco::Exception);
    }

    void expired()
    {
        Hmac hmac(_secret); // half a minute of skew
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, token(R"({"sub":"x","exp":1799999971})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":1799999970})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":0})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":-1})")));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no end", 401, status(hmac.fixture, token(R"({"sub":"x"})")));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no number", 401,
                                     status(hmac.fixture, token(R"({"sub":"x","exp":"1800000600"})")));
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, token(R"({"sub":"x","exp":1800000600.5})")));
    }

    void notYetValid()
    {
        Hmac hmac(_secret);
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"nbf":1800000030})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"nbf":1800000031})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"nbf":"soon"})")));
    }

    void audience()
    {
        Hmac hmac(_secret, {{"auth.jwt.audience", "tenon, other"}, {"http.publicUrl", "https://mcp.example"}});
        for (const char* good :
             {R"("tenon")", R"(["x","other"])", R"("https://mcp.example/mcp")", R"("https://mcp.example")"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                good, 0,
                status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"aud":)" + std::string(good) + "}")));
        for (const char* bad :
             {R"("x")", R"(["x"])", "[]", R"("")", "null", "7", R"("https://mcp.example.evil/mcp")", R"("Tenon")"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                bad, 401,
                status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"aud":)" + std::string(bad) + "}")));
        Hmac none(_secret);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("for somebody else, and we do not know who we are", 401,
                                     status(none.fixture, token(R"({"sub":"x","exp":1800000600,"aud":"x"})")));
    }

    void tokensForServersBehind()
    {
        GateFixture::Map settings{{"auth.jwt.audience", "tenon"},
                                  {"upstream.a.auth.audience", "https://a.example"},
                                  {"upstream.b.auth.audience", "b"}};
        Hmac hmac(_secret, settings);
        const auto admitted = [&](const char* audience)
        {
            const std::string sent = token(R"({"sub":"x","exp":1800000600,"aud":)" + std::string(audience) + "}");
            const auto admission = hmac.fixture.admit({{"Authorization", "Bearer " + sent}});
            CPPUNIT_ASSERT(!admission.refusal);
            const auto kept = admission.principal->token;
            CPPUNIT_ASSERT(!kept || kept->text == sent);
            return kept ? kept->audiences : std::vector<std::string>();
        };
        using Audiences = std::vector<std::string>;
        CPPUNIT_ASSERT(admitted(R"("tenon")").empty());
        CPPUNIT_ASSERT(admitted(R"(["tenon","https://a.example/","c"])").empty());
        CPPUNIT_ASSERT(admitted(R"(["b","tenon"])") == Audiences{"b"});
        CPPUNIT_ASSERT(admitted(R"(["b","tenon","https://a.example"])") == (Audiences{"b", "https://a.example"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("for the server behind alone", 401,
                                     status(hmac.fixture, token(R"({"sub":"x","exp":1800000600,"aud":"b"})")));
        // Every token that opens this server would open that one.
        const GateFixture::Map same{{"auth.jwt.audience", "tenon"}, {"upstream.a.auth.audience", "tenon"}};
        CPPUNIT_ASSERT_THROW(Hmac(_secret, same), base::SettingsException);
    }

    void issuer()
    {
        Hmac hmac(_secret, {{"auth.jwt.issuers", "https://a.example"}});
        CPPUNIT_ASSERT_EQUAL(0,
                             status(hmac.fixture, token(R"({"iss":"https://a.example","sub":"x","exp":1800000600})")));
        CPPUNIT_ASSERT_EQUAL(401,
                             status(hmac.fixture, token(R"({"iss":"https://a.example/","sub":"x","exp":1800000600})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"x","exp":1800000600})")));
    }

    void wrongSignature()
    {
        Hmac hmac(_secret);
        const std::string good = token(_claims);
        const std::string forged = good.substr(0, good.find('.') + 1) +
                                   base::toBase64Url(R"({"sub":"ann","exp":1800000600,"type":"master"})") +
                                   good.substr(good.rfind('.'));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, forged));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, good.substr(0, good.rfind('.') + 1)));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, good.substr(0, good.size() - 4)));
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, good));
    }

    void wrongKeyId()
    {
        const TemporaryText file(R"({"keys":[{"kid":"r",)" + rsaKey().jwk + "}]}");
        GateFixture fixture(keyFile(file));
        CPPUNIT_ASSERT_EQUAL(
            401, status(fixture, signedWith(rsaKey(), "RS256", R"({"alg":"RS256","kid":"../../dev/null"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(
            401, status(fixture, signedWith(otherRsaKey(), "RS256", R"({"alg":"RS256","kid":"r"})", _claims)));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(
            "a key the token brings along", 401,
            status(fixture, signedWith(otherRsaKey(), "RS256", R"({"alg":"RS256","jwk":{)" + otherRsaKey().jwk + "}}",
                                       _claims)));
    }

    void criticalExtension()
    {
        Hmac hmac(_secret);
        CPPUNIT_ASSERT_EQUAL(
            401, status(hmac.fixture,
                        signedWithSecret(_secret, "HS256", R"({"alg":"HS256","crit":["b64"],"b64":false})", _claims)));
    }

    // Two parsers that read different ones of two members with the same name would disagree on what was signed.
    void twoAlgorithmsInOneHeader()
    {
        const TemporaryText file(rsaKey().publicPem);
        const TemporaryText secret(_secret);
        GateFixture fixture(keyFile(file, {{"auth.jwt.secretFile", secret.path()}}));
        CPPUNIT_ASSERT_EQUAL(401, status(fixture, signedWithSecret(rsaKey().publicPem, "HS256",
                                                                   R"({"alg":"RS256","alg":"HS256"})", _claims)));
        CPPUNIT_ASSERT_EQUAL(
            401, status(fixture, signedWith(rsaKey(), "RS256", R"({"alg":"RS256","alg":"none"})", _claims)));
    }

    void malformed()
    {
        Hmac hmac(_secret);
        const std::string good = token(_claims);
        const std::string bad[] = {"a.b.c",
                                   "..",
                                   "a..",
                                   good + ".x",
                                   good + ".a.b",
                                   good + "\n",
                                   "." + good,
                                   base::toBase64Url("[]") + "." + base::toBase64Url(_claims) + ".AAAA",
                                   base::toBase64Url(std::string(3000, '[')) + "." + base::toBase64Url("{}") + ".AAAA",
                                   signedWithSecret(_secret, "HS256", _head, "[]"),
                                   signedWithSecret(_secret, "HS256", _head, "\"text\""),
                                   signedWithSecret(_secret, "HS256", _head, "{\"sub\":"),
                                   signedWithSecret(_secret, "HS256", _head, "")};
        int peer = 0;
        for (const std::string& token : bad)
        {
            hmac.fixture.peer = "10.0.0." + std::to_string(++peer);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(token, 401, status(hmac.fixture, token));
        }
    }

    void noSubject()
    {
        Hmac hmac(_secret);
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"exp":1800000600})")));
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, token(R"({"sub":"","exp":1800000600})")));
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, token(R"({"client_id":"c","exp":1800000600})")));
    }

    void rememberedTokensExpireToo()
    {
        Hmac hmac(_secret);
        const std::string brief = token(R"({"sub":"x","exp":1800000010})");
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, brief));
        hmac.fixture.clock.advanceMs(39'000); // ten seconds and the skew, less one
        CPPUNIT_ASSERT_EQUAL(0, status(hmac.fixture, brief));
        hmac.fixture.clock.advanceMs(1'000);
        CPPUNIT_ASSERT_EQUAL(401, status(hmac.fixture, brief));
    }

    void keysThatAreRefused()
    {
        for (const std::string& content :
             {smallRsaKey().publicPem, rsaKey().privatePem, std::string("nonsense"), std::string(),
              std::string("{\"keys\":[]}"), std::string("{}"), std::string("-----BEGIN PUBLIC KEY-----\nAAAA")})
        {
            const TemporaryText file(content);
            CPPUNIT_ASSERT_THROW_MESSAGE(content, GateFixture(keyFile(file)), Poco::Exception);
        }
        CPPUNIT_ASSERT_THROW(Hmac("short secret"), Poco::Exception);
        CPPUNIT_ASSERT_THROW(GateFixture({{"auth.type", "jwt"}, {"auth.jwt.keyFile", "/nowhere/key.pem"}}),
                             Poco::Exception);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JwtTest);

#include "client/auth/SigningKey.h"

#include "base/text/Base64.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;

class SigningKeyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SigningKeyTest);
    CPPUNIT_TEST(signsInFullWidth);
    CPPUNIT_TEST(comesBackFromPem);
    CPPUNIT_TEST(digestsAsPkceWants);
    CPPUNIT_TEST_SUITE_END();

public:
    void signsInFullWidth()
    {
        const SigningKey key = SigningKey::generate();
        // One number in 256 begins with a zero byte.
        for (int round = 0; round < 600; ++round)
        {
            const std::string token = key.sign(R"({"typ":"JWT"})", R"({"n":)" + std::to_string(round) + "}");
            std::string signature, head;
            CPPUNIT_ASSERT(tenon::base::fromBase64Url(token.substr(token.rfind('.') + 1), signature));
            CPPUNIT_ASSERT_EQUAL(std::size_t(64), signature.size());
            CPPUNIT_ASSERT(tenon::base::fromBase64Url(token.substr(0, token.find('.')), head));
            CPPUNIT_ASSERT_EQUAL(std::string(R"({"alg":"ES256","typ":"JWT"})"), head);
        }
    }

    void comesBackFromPem()
    {
        const SigningKey key = SigningKey::generate();
        CPPUNIT_ASSERT_EQUAL(key.publicJwk(), SigningKey::fromPem(key.toPem()).publicJwk());
        CPPUNIT_ASSERT(key.publicJwk().starts_with(R"({"crv":"P-256","kty":"EC","x":")"));
        CPPUNIT_ASSERT_THROW((void)SigningKey::fromPem("no key"), Poco::InvalidArgumentException);
    }

    void digestsAsPkceWants()
    {
        // RFC 7636, appendix B.
        CPPUNIT_ASSERT_EQUAL(std::string("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                             digestText("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        CPPUNIT_ASSERT(randomText(32) != randomText(32));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SigningKeyTest);

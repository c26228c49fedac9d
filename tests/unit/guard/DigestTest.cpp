#include "guard/login/Digest.h"
#include "base/text/Base64.h"
#include "base/text/Hex.h"
#include "guard/login/Password.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::guard;

class DigestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DigestTest);
    CPPUNIT_TEST(sha);
    CPPUNIT_TEST(hex);
    CPPUNIT_TEST(equality);
    CPPUNIT_TEST(passwords);
    CPPUNIT_TEST(malformedPasswordHashes);
    CPPUNIT_TEST_SUITE_END();

public:
    void sha()
    {
        const Digest digest = sha256("abc");
        CPPUNIT_ASSERT_EQUAL(std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                             tenon::base::toHex({reinterpret_cast<const char*>(digest.data()), digest.size()}));
        const Digest mac = hmacSha256("Jefe", "what do ya want for nothing?"); // RFC 4231, 4.3
        CPPUNIT_ASSERT_EQUAL(std::string("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
                             tenon::base::toHex({reinterpret_cast<const char*>(mac.data()), mac.size()}));
    }

    void hex()
    {
        Digest digest;
        const std::string good(64, 'A');
        CPPUNIT_ASSERT(tenon::base::fromHex(good, digest));
        CPPUNIT_ASSERT_EQUAL(std::uint8_t(0xaa), digest[31]);
        for (const std::string& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')})
            CPPUNIT_ASSERT(!tenon::base::fromHex(bad, digest));
    }

    void equality()
    {
        CPPUNIT_ASSERT(equalInConstantTime("secret", "secret"));
        CPPUNIT_ASSERT(!equalInConstantTime("secret", "secreT"));
        CPPUNIT_ASSERT(!equalInConstantTime("secret", "secre"));
        CPPUNIT_ASSERT(equalInConstantTime("", ""));
    }

    void passwords()
    {
        const std::string hash = hashPassword("p:ss w\xc3\xb6rd");
        CPPUNIT_ASSERT(hash.starts_with("pbkdf2-sha256$600000$"));
        CPPUNIT_ASSERT(isPasswordHash(hash));
        CPPUNIT_ASSERT(verifyPassword("p:ss w\xc3\xb6rd", hash));
        CPPUNIT_ASSERT(!verifyPassword("p:ss", hash));
        CPPUNIT_ASSERT(!verifyPassword("", impossibleHash()));
        CPPUNIT_ASSERT(isPasswordHash(impossibleHash()));
    }

    void malformedPasswordHashes()
    {
        const std::string salt = "AAAAAAAAAAAAAAAAAAAAAA==", key = tenon::base::toBase64(std::string(32, 'x'));
        CPPUNIT_ASSERT(isPasswordHash("pbkdf2-sha256$600000$" + salt + "$" + key));
        for (const std::string& bad :
             {std::string("secret"), std::string(), "pbkdf2-sha256$1$" + salt + "$" + key,
              "pbkdf2-sha256$99999999999$" + salt + "$" + key, "pbkdf2-sha1$600000$" + salt + "$" + key,
              "pbkdf2-sha256$600000$" + salt, "pbkdf2-sha256$600000$$" + key,
              "pbkdf2-sha256$600000$" + salt + "$" + key + "$x", "pbkdf2-sha256$600000$" + salt + "$AAAA"})
            CPPUNIT_ASSERT_MESSAGE(bad, !isPasswordHash(bad));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DigestTest);

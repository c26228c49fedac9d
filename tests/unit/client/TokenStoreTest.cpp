#include "client/auth/TokenStore.h"

#include "support/TemporaryFolder.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace tenon::client;

class TokenStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TokenStoreTest);
    CPPUNIT_TEST(keepsInMemory);
    CPPUNIT_TEST(keepsInAFileOfItsOwner);
    CPPUNIT_TEST(refusesAFileThatOthersRead);
    CPPUNIT_TEST_SUITE_END();

    static TokenSet token()
    {
        TokenSet one;
        one.issuer = "https://as";
        one.accessToken = "secret\n\"";
        one.expiresAt = 12345;
        return one;
    }

public:
    void keepsInMemory()
    {
        TokenStore store;
        CPPUNIT_ASSERT(!store.token("s"));
        store.keepToken("s", token());
        CPPUNIT_ASSERT_EQUAL(std::string("secret\n\""), store.token("s")->accessToken);
        store.forgetToken("s");
        CPPUNIT_ASSERT(!store.token("s"));
    }

    void keepsInAFileOfItsOwner()
    {
        const tenon::tests::TemporaryFolder folder;
        const std::string path = folder.path("new/credentials.json");
        TokenStore(path).keepToken("s", token());
        TokenStore(path).keepRegistration("https://as", {"id", "secret", "none", "http://127.0.0.1:1/callback"});
        TokenStore store(path);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(12345), store.token("s")->expiresAt);
        CPPUNIT_ASSERT_EQUAL(std::string("id"), store.registration("https://as")->clientId);
        store.forgetRegistration("https://as");
        CPPUNIT_ASSERT(!TokenStore(path).registration("https://as"));
#if !defined(_WIN32)
        struct stat about
        {
        };
        CPPUNIT_ASSERT_EQUAL(0, ::stat(path.c_str(), &about));
        CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(about.st_mode & 0777));
#endif
    }

    void refusesAFileThatOthersRead()
    {
#if !defined(_WIN32)
        const tenon::tests::TemporaryFolder folder;
        const std::string path = folder.write("credentials.json", "{}");
        ::chmod(path.c_str(), 0644);
        TokenStore store(path);
        CPPUNIT_ASSERT_THROW((void)store.token("s"), Poco::FileAccessDeniedException);
        ::chmod(path.c_str(), 0600);
        CPPUNIT_ASSERT(!store.token("s"));
#endif
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenStoreTest);

#include "guard/login/CredentialCache.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

class CredentialCacheTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CredentialCacheTest);
    CPPUNIT_TEST(remembersForItsTime);
    CPPUNIT_TEST(kindsAreApart);
    CPPUNIT_TEST(sizeIsBoundedAndUsedEntriesStay);
    CPPUNIT_TEST_SUITE_END();

    static base::PrincipalPtr principal() { return std::make_shared<base::Principal>(); }

public:
    void remembersForItsTime()
    {
        guard::CredentialCache cache;
        const base::PrincipalPtr someone = principal();
        cache.put(cache.keyOf('b', "token"), someone, 1000);
        CPPUNIT_ASSERT(cache.find(cache.keyOf('b', "token"), 999) == someone);
        CPPUNIT_ASSERT(!cache.find(cache.keyOf('b', "Token"), 999));
        CPPUNIT_ASSERT(!cache.find(cache.keyOf('b', "token"), 1000));
    }

    void kindsAreApart()
    {
        guard::CredentialCache cache;
        cache.put(cache.keyOf('b', "token"), principal(), 1000);
        CPPUNIT_ASSERT(!cache.find(cache.keyOf('k', "token"), 0));
    }

    void sizeIsBoundedAndUsedEntriesStay()
    {
        guard::CredentialCache cache(100);
        const guard::Digest used = cache.keyOf('b', "used");
        cache.put(used, principal(), 1000);
        for (int at = 0; at < 10'000; ++at)
        {
            cache.put(cache.keyOf('b', std::to_string(at)), principal(), 1000);
            if (at % 20 == 0)
                CPPUNIT_ASSERT(cache.find(used, 0));
        }
        CPPUNIT_ASSERT(cache.size() <= 100);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CredentialCacheTest);

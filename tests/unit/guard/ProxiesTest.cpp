#include "guard/web/Proxies.h"

#include "unit/guard/Fixture.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using guard::Forwarding;
using guard::Proxies;
using test::FakeHeaders;

class ProxiesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProxiesTest);
    CPPUNIT_TEST(trust);
    CPPUNIT_TEST(noAddress);
    CPPUNIT_TEST(customary);
    CPPUNIT_TEST(customaryChain);
    CPPUNIT_TEST(whatAClientClaimsIsNotBelieved);
    CPPUNIT_TEST(standard);
    CPPUNIT_TEST(standardChain);
    CPPUNIT_TEST(nonsense);
    CPPUNIT_TEST_SUITE_END();

    static Forwarding read(const Proxies& proxies, const FakeHeaders& headers)
    {
        guard::RequestFacts facts;
        facts.peerAddress = "127.0.0.1";
        facts.headers = &headers.fields();
        return proxies.read(facts);
    }

    const Proxies _customary{{"127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"}, false};
    const Proxies _standard{{"127.0.0.1", "10.0.0.0/8"}, true};

public:
    void trust()
    {
        for (const char* peer : {"127.0.0.1", "10.1.2.3", "::1", "fd12::1", "::ffff:10.1.2.3"})
            CPPUNIT_ASSERT_MESSAGE(peer, _customary.trust(peer));
        for (const char* peer : {"127.0.0.2", "11.0.0.1", "fe80::1", "", "nonsense", "10.0.0.1.evil"})
            CPPUNIT_ASSERT_MESSAGE(peer, !_customary.trust(peer));
        CPPUNIT_ASSERT(!Proxies().trust("127.0.0.1"));
    }

    void noAddress()
    {
        for (const char* range : {"proxy.example", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10.0.0.0/-1", ""})
            CPPUNIT_ASSERT_THROW_MESSAGE(range, Proxies({range}, false), Poco::InvalidArgumentException);
    }

    void customary()
    {
        const FakeHeaders headers{
            {"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-Host", "mcp.example"}, {"X-Forwarded-Proto", "https"}};
        const Forwarding found = read(_customary, headers);
        CPPUNIT_ASSERT(found.clientAddress == "192.0.2.7");
        CPPUNIT_ASSERT(found.host == "mcp.example");
        CPPUNIT_ASSERT(found.secure);
    }

    void customaryChain()
    {
        const FakeHeaders headers{{"X-Forwarded-For", "198.51.100.9, 192.0.2.7, 10.0.0.2"},
                                  {"X-Forwarded-Proto", "https, http"}};
        const Forwarding found = read(_customary, headers);
        CPPUNIT_ASSERT(found.clientAddress == "192.0.2.7");
        CPPUNIT_ASSERT(found.secure);
    }

    void whatAClientClaimsIsNotBelieved()
    {
        const FakeHeaders headers{{"X-Forwarded-For", "127.0.0.1, 192.0.2.7"},
                                  {"Forwarded", "for=127.0.0.1;host=localhost"}};
        CPPUNIT_ASSERT(read(_customary, headers).clientAddress == "192.0.2.7");
        CPPUNIT_ASSERT_MESSAGE("the other family is not read", read(_customary, headers).host.empty());
    }

    void standard()
    {
        const FakeHeaders headers{{"Forwarded", R"(For="[2001:db8:cafe::17]:4711";Proto=https;host="mcp.example")"}};
        const Forwarding found = read(_standard, headers);
        CPPUNIT_ASSERT(found.clientAddress == "2001:db8:cafe::17");
        CPPUNIT_ASSERT(found.host == "mcp.example");
        CPPUNIT_ASSERT(found.secure);
    }

    void standardChain()
    {
        const FakeHeaders headers{
            {"Forwarded", "for=1.1.1.1, for=192.0.2.7:99;proto=https;host=\"a,b\", for=10.0.0.2;proto=http"}};
        const Forwarding found = read(_standard, headers);
        CPPUNIT_ASSERT(found.clientAddress == "192.0.2.7");
        CPPUNIT_ASSERT(found.host == "a,b");
        CPPUNIT_ASSERT(found.secure);
    }

    void nonsense()
    {
        for (const char* value :
             {"", ",", "for=unknown", "for=_hidden", "\"", "for=\"[", "for", ";;=;", "for=\"", ",,,,,,,,,,,,,,,,,,,,"})
        {
            CPPUNIT_ASSERT_MESSAGE(value, read(_standard, {{"Forwarded", value}}).clientAddress == "127.0.0.1");
            CPPUNIT_ASSERT_MESSAGE(value, read(_customary, {{"X-Forwarded-For", value}}).clientAddress == "127.0.0.1");
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxiesTest);

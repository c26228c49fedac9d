#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <map>

using namespace tenon::client;

class ProxyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProxyTest);
    CPPUNIT_TEST(takesTheVariableOfTheScheme);
    CPPUNIT_TEST(leavesOutWhatNoProxyNames);
    CPPUNIT_TEST(neverProxiesThisMachine);
    CPPUNIT_TEST(sendsCredentialsOnlyIfThereAreSome);
    CPPUNIT_TEST(refusesOtherProxies);
    CPPUNIT_TEST_SUITE_END();

    std::map<std::string, std::string> _variables;

    std::string proxy(const std::string& url)
    {
        const auto found = proxyFor(Poco::URI(url), [this](const char* name) { return _variables[name]; });
        return found ? found->username + ':' + found->password + '@' + found->host + ':' + std::to_string(found->port)
                     : std::string();
    }

public:
    void takesTheVariableOfTheScheme()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), proxy("https://x.example/"));
        _variables = {{"https_proxy", "http://u:p%40@proxy:3128"}, {"HTTP_PROXY", "http://evil:1"}};
        CPPUNIT_ASSERT_EQUAL(std::string("u:p@@proxy:3128"), proxy("https://x.example/"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a header of a client can set it", std::string(), proxy("http://x.example/"));
        _variables = {{"ALL_PROXY", "proxy"}};
        CPPUNIT_ASSERT_EQUAL(std::string(":@proxy:80"), proxy("http://x.example/"));
    }

    void sendsCredentialsOnlyIfThereAreSome()
    {
        const auto methodWith = [&](const std::string& named)
        {
            _variables = {{"http_proxy", named}};
            return proxyFor(Poco::URI("http://x.example/"), [this](const char* name) { return _variables[name]; })
                ->authMethod;
        };
        using Session = Poco::Net::HTTPClientSession;
        CPPUNIT_ASSERT_EQUAL(Session::PROXY_AUTH_NONE, methodWith("http://proxy:1"));
        CPPUNIT_ASSERT_EQUAL(Session::PROXY_AUTH_HTTP_BASIC, methodWith("http://u:p@proxy:1"));
    }

    void refusesOtherProxies()
    {
        for (const char* other : {"socks5://proxy:1080", "https://proxy:443"})
        {
            _variables = {{"all_proxy", other}};
            CPPUNIT_ASSERT_THROW(proxy("http://x.example/"), Poco::SyntaxException);
        }
    }

    void leavesOutWhatNoProxyNames()
    {
        _variables = {{"http_proxy", "http://proxy:1"}, {"no_proxy", "a.example, .b.example,c.example:8080"}};
        for (const char* out :
             {"http://a.example/", "http://x.a.example", "http://x.b.example/", "http://C.example:8080"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(out, std::string(), proxy(out));
        CPPUNIT_ASSERT(!proxy("http://aa.example/").empty());
        _variables["no_proxy"] = "*";
        CPPUNIT_ASSERT_EQUAL(std::string(), proxy("http://aa.example/"));
    }

    void neverProxiesThisMachine()
    {
        _variables = {{"http_proxy", "http://proxy:1"}};
        for (const char* own : {"http://localhost:1/", "http://127.0.0.1/", "http://[::1]:8080/"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(own, std::string(), proxy(own));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxyTest);

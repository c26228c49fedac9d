#include "guard/web/Origins.h"

#include <cppunit/extensions/HelperMacros.h>

using tenon::guard::Origins;

class OriginsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OriginsTest);
    CPPUNIT_TEST(loopbackAnswersToItsNamesAlone);
    CPPUNIT_TEST(boundAddressIsAName);
    CPPUNIT_TEST(allowedHosts);
    CPPUNIT_TEST(publicUrl);
    CPPUNIT_TEST(publicAddressAnswersToAnyName);
    CPPUNIT_TEST(originsOnLoopback);
    CPPUNIT_TEST(originsOnPublicAddress);
    CPPUNIT_TEST(allowedOrigins);
    CPPUNIT_TEST(anyOrigin);
    CPPUNIT_TEST(loopbackAddresses);
    CPPUNIT_TEST_SUITE_END();

    static Origins make(std::string bind, std::vector<std::string> hosts = {}, std::vector<std::string> origins = {},
                        std::string url = {})
    {
        return Origins({std::move(bind), std::move(hosts), std::move(origins), std::move(url), false});
    }

    static bool foreign(const Origins& origins, std::string_view origin)
    {
        return origins.origin(origin) == Origins::Verdict::FOREIGN;
    }

public:
    void loopbackAnswersToItsNamesAlone()
    {
        const Origins origins = make("127.0.0.1");
        for (const char* host : {"localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]",
                                 "[::1]:8080", "localhost.:80"})
            CPPUNIT_ASSERT_MESSAGE(host, origins.hostAllowed(host));
        for (const char* host : {"evil.example.com", "evil.example.com:8080", "", "localhost.evil.example",
                                 "127.0.0.1.evil", "evil-localhost", "0.0.0.0", "[::2]", "127.0.0.1evil", ":8080",
                                 "localhost:8080, evil.example", "localhost:80@evil.example", "localhost:80/evil"})
            CPPUNIT_ASSERT_MESSAGE(host, !origins.hostAllowed(host));
    }

    void boundAddressIsAName()
    {
        const Origins origins = make("127.0.0.7");
        CPPUNIT_ASSERT(origins.hostAllowed("127.0.0.7:8080"));
        CPPUNIT_ASSERT(!origins.hostAllowed("127.0.0.8:8080"));
        CPPUNIT_ASSERT(make("[::1]").hostAllowed("[::1]:80"));
        CPPUNIT_ASSERT(!make("0.0.0.0", {"a.example"}).hostAllowed("0.0.0.0:80"));
    }

    void allowedHosts()
    {
        const Origins origins = make("127.0.0.1", {"a.example", "*.b.example", "c.example:8443", "[2001:db8::1]"});
        for (const char* host :
             {"a.example", "A.Example:99", "x.b.example", "c.example:8443", "[2001:db8::1]:80", "localhost"})
            CPPUNIT_ASSERT_MESSAGE(host, origins.hostAllowed(host));
        for (const char* host : {"b.example", "a.example.evil", "c.example", "c.example:80"})
            CPPUNIT_ASSERT_MESSAGE(host, !origins.hostAllowed(host));
        CPPUNIT_ASSERT(make("127.0.0.1", {"*"}).hostAllowed("evil.example"));
    }

    void publicUrl()
    {
        const Origins origins = make("127.0.0.1", {}, {}, "https://mcp.example/tenon");
        CPPUNIT_ASSERT(origins.hostAllowed("mcp.example"));
        CPPUNIT_ASSERT(!origins.hostAllowed("other.example"));
        CPPUNIT_ASSERT(!foreign(origins, "https://mcp.example"));
        CPPUNIT_ASSERT(foreign(origins, "https://other.example"));
    }

    void publicAddressAnswersToAnyName()
    {
        CPPUNIT_ASSERT(make("0.0.0.0").hostAllowed("whatever.example"));
        CPPUNIT_ASSERT(make("0.0.0.0", {}, {}, "https://mcp.example").hostAllowed("10.0.0.5:8080"));
        CPPUNIT_ASSERT(!make("0.0.0.0", {"a.example"}).hostAllowed("whatever.example"));
    }

    void originsOnLoopback()
    {
        const Origins origins = make("::1");
        for (const char* origin :
             {"http://localhost", "http://localhost:6274", "https://127.0.0.1:8443", "http://[::1]:3000"})
            CPPUNIT_ASSERT_MESSAGE(origin, !foreign(origins, origin));
        for (const char* origin :
             {"http://evil.example.com", "null", "", "http://localhost.evil.example", "ftp://localhost", "localhost",
              "http://", "file://", "http://evil.example/localhost", "http://localhost:80, http://evil.example",
              "http://localhost:80@evil.example"})
            CPPUNIT_ASSERT_MESSAGE(origin, foreign(origins, origin));
    }

    void originsOnPublicAddress()
    {
        const Origins all = make("0.0.0.0");
        CPPUNIT_ASSERT(foreign(all, "http://localhost:3000"));
        CPPUNIT_ASSERT(foreign(all, "http://whatever.example"));
        const Origins one = make("192.0.2.7");
        CPPUNIT_ASSERT(!foreign(one, "http://192.0.2.7:8080"));
        CPPUNIT_ASSERT(foreign(one, "http://192.0.2.8:8080"));
    }

    void allowedOrigins()
    {
        const Origins origins =
            make("127.0.0.1", {}, {"https://app.example", "https://*.b.example", "vscode-webview://*", "null"});
        for (const char* origin :
             {"https://app.example", "HTTPS://APP.example", "https://x.b.example", "vscode-webview://abc", "null"})
            CPPUNIT_ASSERT_MESSAGE(origin, origins.origin(origin) == Origins::Verdict::NAMED);
        for (const char* origin :
             {"http://app.example", "https://app.example.evil", "https://app.example:8443", "https://evil/.b.example"})
            CPPUNIT_ASSERT_MESSAGE(origin, foreign(origins, origin));
    }

    void anyOrigin()
    {
        const Origins origins = make("127.0.0.1", {}, {"*"});
        CPPUNIT_ASSERT(origins.origin("https://whatever.example") == Origins::Verdict::ANYBODY);
        CPPUNIT_ASSERT(origins.origin("http://localhost:1") == Origins::Verdict::NAMED);
    }

    void loopbackAddresses()
    {
        using tenon::guard::isLoopbackAddress;
        for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"})
            CPPUNIT_ASSERT_MESSAGE(address, isLoopbackAddress(address));
        for (const char* address : {"0.0.0.0", "::", "192.168.1.1", "", "*", "localhost.example"})
            CPPUNIT_ASSERT_MESSAGE(address, !isLoopbackAddress(address));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OriginsTest);

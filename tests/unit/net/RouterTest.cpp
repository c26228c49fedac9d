#include "net/route/Router.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::net;

class RouterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RouterTest);
    CPPUNIT_TEST(findsExactPathsBeforePrefixes);
    CPPUNIT_TEST(longerPrefixesComeFirst);
    CPPUNIT_TEST(tellsWhatIsAllowed);
    CPPUNIT_TEST(refusesTwoRoutesForAPath);
    CPPUNIT_TEST_SUITE_END();

    static Route route(std::uint8_t methods)
    {
        Route made;
        made.methods = methods;
        return made;
    }

public:
    void findsExactPathsBeforePrefixes()
    {
        Router::Ptr router(new Router);
        router->add("/mcp", route(Route::POST), nullptr);
        router->add("/sse", route(Route::GET), nullptr);
        router->add("/sse/*", route(Route::PUT), nullptr);
        CPPUNIT_ASSERT_EQUAL(int(Route::POST), int(router->find("/mcp", "GET").route->methods));
        CPPUNIT_ASSERT_EQUAL(int(Route::GET), int(router->find("/sse", "GET").route->methods));
        CPPUNIT_ASSERT(router->find("/sse", "GET").rest.empty());
        const Router::Way below = router->find("/sse/a/b", "PUT");
        CPPUNIT_ASSERT_EQUAL(int(Route::PUT), int(below.route->methods));
        CPPUNIT_ASSERT_EQUAL(std::string_view("a/b"), below.rest);
        CPPUNIT_ASSERT(router->find("/sse/", "GET").route == nullptr);
        CPPUNIT_ASSERT(router->find("/ssee", "GET").route == nullptr);
        CPPUNIT_ASSERT(router->find("/mcp/", "GET").route == nullptr);
        CPPUNIT_ASSERT(router->find("", "GET").route == nullptr);
    }

    void longerPrefixesComeFirst()
    {
        Router::Ptr router(new Router);
        router->add("/a/*", route(Route::GET), nullptr);
        router->add("/a/b/*", route(Route::POST), nullptr);
        CPPUNIT_ASSERT_EQUAL(int(Route::POST), int(router->find("/a/b/c", "GET").route->methods));
        CPPUNIT_ASSERT_EQUAL(int(Route::GET), int(router->find("/a/c", "GET").route->methods));
    }

    void tellsWhatIsAllowed()
    {
        Router::Ptr router(new Router);
        router->add("/a", route(Route::GET), nullptr);
        router->add("/b", route(Route::GET | Route::POST | Route::DELETE_), nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, OPTIONS"), router->find("/a", "GET").route->allow);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, POST, DELETE, OPTIONS"), router->find("/b", "GET").route->allow);
        CPPUNIT_ASSERT(router->find("/a", "GET").isOpen() && router->find("/a", "HEAD").isOpen());
        CPPUNIT_ASSERT(!router->find("/a", "POST").isOpen() && !router->find("/none", "GET").isOpen());
        CPPUNIT_ASSERT_EQUAL(0, int(router->find("/a", "get").method));
    }

    void refusesTwoRoutesForAPath()
    {
        Router::Ptr router(new Router);
        router->add("/a", route(Route::GET), nullptr);
        router->add("/a/*", route(Route::GET), nullptr);
        CPPUNIT_ASSERT_THROW(router->add("/a", route(Route::POST), nullptr), Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(router->add("/a/*", route(Route::POST), nullptr), Poco::ExistsException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouterTest);

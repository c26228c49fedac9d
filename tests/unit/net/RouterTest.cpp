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
        std::string_view rest;
        CPPUNIT_ASSERT_EQUAL(int(Route::POST), int(router->find("/mcp", rest)->methods));
        CPPUNIT_ASSERT_EQUAL(int(Route::GET), int(router->find("/sse", rest)->methods));
        CPPUNIT_ASSERT(rest.empty());
        CPPUNIT_ASSERT_EQUAL(int(Route::PUT), int(router->find("/sse/a/b", rest)->methods));
        CPPUNIT_ASSERT_EQUAL(std::string_view("a/b"), rest);
        CPPUNIT_ASSERT(router->find("/sse/", rest) == nullptr);
        CPPUNIT_ASSERT(router->find("/ssee", rest) == nullptr);
        CPPUNIT_ASSERT(router->find("/mcp/", rest) == nullptr);
        CPPUNIT_ASSERT(router->find("", rest) == nullptr);
    }

    void longerPrefixesComeFirst()
    {
        Router::Ptr router(new Router);
        router->add("/a/*", route(Route::GET), nullptr);
        router->add("/a/b/*", route(Route::POST), nullptr);
        std::string_view rest;
        CPPUNIT_ASSERT_EQUAL(int(Route::POST), int(router->find("/a/b/c", rest)->methods));
        CPPUNIT_ASSERT_EQUAL(int(Route::GET), int(router->find("/a/c", rest)->methods));
    }

    void tellsWhatIsAllowed()
    {
        Router::Ptr router(new Router);
        router->add("/a", route(Route::GET), nullptr);
        router->add("/b", route(Route::GET | Route::POST | Route::DELETE_), nullptr);
        std::string_view rest;
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, OPTIONS"), router->find("/a", rest)->allow);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, POST, DELETE, OPTIONS"), router->find("/b", rest)->allow);
        CPPUNIT_ASSERT_EQUAL(int(Route::GET), int(methodBit("HEAD")));
        CPPUNIT_ASSERT_EQUAL(0, int(methodBit("get")));
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

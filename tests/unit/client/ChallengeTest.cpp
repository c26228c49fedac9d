#include "client/auth/Challenge.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;

class ChallengeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChallengeTest);
    CPPUNIT_TEST(readsParameters);
    CPPUNIT_TEST(tellsChallengesApart);
    CPPUNIT_TEST(survivesAnything);
    CPPUNIT_TEST(joinsScopes);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsParameters()
    {
        const auto all = Challenge::parse(
            R"(Bearer realm="a, \"b\"", Resource_Metadata = "https://x/.well-known?a=b" ,scope=one, error=insufficient_scope)");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), all.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a, \"b\""), all[0].get("realm"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://x/.well-known?a=b"), all[0].get("resource_metadata"));
        CPPUNIT_ASSERT_EQUAL(std::string("one"), all[0].get("scope"));
        CPPUNIT_ASSERT_EQUAL(std::string(), all[0].get("nothing"));
    }

    void tellsChallengesApart()
    {
        const auto all = Challenge::parse(R"(Basic realm="x", DPoP algs="ES256", Bearer, Negotiate)");
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), all.size());
        CPPUNIT_ASSERT_EQUAL(std::string("ES256"), all[1].get("algs"));
        Poco::Net::HTTPResponse response;
        response.add("WWW-Authenticate", R"(Basic realm="x")");
        response.add("WWW-Authenticate", R"(Bearer scope="a b")");
        CPPUNIT_ASSERT_EQUAL(std::string("a b"), Challenge::of(response).get("scope"));
        CPPUNIT_ASSERT_EQUAL(std::string(), Challenge::of(Poco::Net::HTTPResponse()).scheme);
    }

    void survivesAnything()
    {
        for (const char* bad : {"", ",", "=", "\"", "Bearer =", "Bearer a=\"", "Bearer a=\"\\", "(Bearer)", "=x, =y"})
            (void)Challenge::parse(bad);
    }

    void joinsScopes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a b c"), unionOf("a  b", "b c a"));
        CPPUNIT_ASSERT_EQUAL(std::string(), unionOf("", " "));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChallengeTest);

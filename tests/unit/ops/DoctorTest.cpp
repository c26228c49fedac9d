#include "ops/doctor/Doctor.h"
#include "ops/doctor/DoctorChecks.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace tenon;

class DoctorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DoctorTest);
    CPPUNIT_TEST(notAUrl);
    CPPUNIT_TEST(challengeParameters);
    CPPUNIT_TEST(findingsStayOnTheirLine);
    CPPUNIT_TEST_SUITE_END();

public:
    void notAUrl()
    {
        for (const char* url : {"", "ftp://a.example", "http://", "http://a b:c", "http://a.example:99999999"})
        {
            std::ostringstream out;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(url, 1, ops::doctor(url, {}, out));
            CPPUNIT_ASSERT_MESSAGE(url, out.str().starts_with("FAIL  "));
        }
    }

    void challengeParameters()
    {
        const std::string challenge =
            R"(Bearer error="invalid_token", scope="a b", resource_metadata="https://a.example/x")";
        CPPUNIT_ASSERT_EQUAL(std::string("https://a.example/x"),
                             ops::challengeParameter(challenge, "resource_metadata"));
        CPPUNIT_ASSERT_EQUAL(std::string("a b"), ops::challengeParameter(challenge, "scope"));
        CPPUNIT_ASSERT(ops::challengeParameter(challenge, "metadata").empty());
        CPPUNIT_ASSERT(ops::challengeParameter("", "scope").empty());
        CPPUNIT_ASSERT_EQUAL(std::string("x"), ops::challengeParameter("scope=\"x", "scope"));
    }

    void findingsStayOnTheirLine()
    {
        std::ostringstream out;
        ops::Findings findings(out);
        findings.fail("the server says: \x1b[2J\nok    all is well");
        CPPUNIT_ASSERT_EQUAL(std::string("FAIL  the server says: \\x1b[2J\\nok    all is well\n"), out.str());
        CPPUNIT_ASSERT_EQUAL(1, findings.failures());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DoctorTest);

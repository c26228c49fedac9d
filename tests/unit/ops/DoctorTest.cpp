#include "ops/doctor/Doctor.h"
#include "ops/doctor/DoctorChecks.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace tenon;

class DoctorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DoctorTest);
    CPPUNIT_TEST(notAUrl);
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

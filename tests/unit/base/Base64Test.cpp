#include "base/text/Base64.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::base;

class Base64Test : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(Base64Test);
    CPPUNIT_TEST(comesBackAsItWas);
    CPPUNIT_TEST(hasTheFormOfTheStandard);
    CPPUNIT_TEST(oneTextForEachValue);
    CPPUNIT_TEST_SUITE_END();

public:
    void comesBackAsItWas()
    {
        std::string bytes;
        for (const std::string text : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd"})
        {
            CPPUNIT_ASSERT(fromBase64(toBase64(text), bytes));
            CPPUNIT_ASSERT_EQUAL(text, bytes);
            CPPUNIT_ASSERT(fromBase64Url(toBase64Url(text), bytes));
            CPPUNIT_ASSERT_EQUAL(text, bytes);
        }
    }

    void hasTheFormOfTheStandard()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("Zm9v"), toBase64("foo"));
        CPPUNIT_ASSERT_EQUAL(std::string("Zm8="), toBase64("fo"));
        CPPUNIT_ASSERT_EQUAL(std::string("Zg=="), toBase64("f"));
        CPPUNIT_ASSERT_EQUAL(std::string("_w"), toBase64Url("\xff"));
        std::string out = "\"";
        appendBase64(out, "foob");
        CPPUNIT_ASSERT_EQUAL(std::string("\"Zm9vYg=="), out);
    }

    void oneTextForEachValue()
    {
        std::string bytes;
        for (const char* bad :
             {"Z", "Zm9v!", "Zm 9v", "Zm9v\n", "Z===", "Zm9vZ", "Zg=", "Zg", "Zh==", "Zm9v====", "_w=="})
            CPPUNIT_ASSERT_MESSAGE(bad, !fromBase64(bad, bytes));
        for (const char* bad : {"Z", "/w", "_x", "_w==", "Zm9v\n"})
            CPPUNIT_ASSERT_MESSAGE(bad, !fromBase64Url(bad, bytes));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(Base64Test);

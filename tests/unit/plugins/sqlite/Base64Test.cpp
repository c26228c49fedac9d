#include "Fixture.h"

#include "sqlite/Base64.h"

using namespace tenon::sqlite;

class SqliteBase64Test : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteBase64Test);
    CPPUNIT_TEST(decodes);
    CPPUNIT_TEST(refuses);
    CPPUNIT_TEST_SUITE_END();

    void decodes()
    {
        const std::pair<const char*, std::string> cases[] = {{"", ""},
                                                             {"aA==", "h"},
                                                             {"aGU=", "he"},
                                                             {"aGVs", "hel"},
                                                             {"aGVsbG8=", "hello"},
                                                             {"aGVsbG8", "hello"},
                                                             {"AP8=", std::string("\0\xFF", 2)}};
        for (const auto& [base64, expected] : cases)
        {
            std::string data;
            CPPUNIT_ASSERT_MESSAGE(base64, decodeBase64(base64, data));
            CPPUNIT_ASSERT_EQUAL(expected, data);
        }
    }

    void refuses()
    {
        std::string data;
        for (const char* base64 : {"a", "aGVsb", "a===", "a!b=", "aG==VsbG8=", "a b="})
            CPPUNIT_ASSERT_MESSAGE(base64, !decodeBase64(base64, data));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteBase64Test);

#include "base/text/Quantity.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::base;

class QuantityTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(QuantityTest);
    CPPUNIT_TEST(durationsAsPeopleWriteThem);
    CPPUNIT_TEST(sizesAsPeopleWriteThem);
    CPPUNIT_TEST(nothingIsGuessed);
    CPPUNIT_TEST_SUITE_END();

public:
    void durationsAsPeopleWriteThem()
    {
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1500), durationMs("1500").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(500), durationMs("500ms").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(30'000), durationMs(" 30 s ").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(300'000), durationMs("5m").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(5'400'000), durationMs("1.5h").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(5'400'000), durationMs("1h30m").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(172'800'000), durationMs("2d").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(-1), durationMs("-1").value());
    }

    void sizesAsPeopleWriteThem()
    {
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4096), sizeBytes("4096").value());
        for (const char* four : {"4M", "4m", "4 MB", "4MiB", "4096k", "4194304 B"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(four, std::int64_t(4'194'304), sizeBytes(four).value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1536) << 20, sizeBytes("1.5G").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(256) << 20, sizeBytes("256", 1 << 20).value());
    }

    void nothingIsGuessed()
    {
        for (const char* bad : {"", "s", "30 sec", "30S", "5M", "1,5h", "30m1h", "1h1h", "-1s", "+1s", "1e3", "1..5s",
                                "99999999999999999999", "999999999999999d", "1h 30"})
            CPPUNIT_ASSERT_MESSAGE(bad, !durationMs(bad));
        for (const char* bad : {"", "M", "4X", "4MM", "4bb", "-4M", "4,5M", "0x10", "9999999999T", "4 M B"})
            CPPUNIT_ASSERT_MESSAGE(bad, !sizeBytes(bad));
        CPPUNIT_ASSERT(!sizeBytes("9223372036854775807", 1 << 20));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(QuantityTest);

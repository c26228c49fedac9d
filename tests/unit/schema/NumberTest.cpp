#include "schema/value/Number.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdint>

namespace tenon::schema::test
{

class NumberTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(NumberTest);
    CPPUNIT_TEST(testComparesIntegersExactly);
    CPPUNIT_TEST(testComparesIntegersWithReals);
    CPPUNIT_TEST(testIntegers);
    CPPUNIT_TEST(testMultiplesOfIntegers);
    CPPUNIT_TEST(testMultiplesOfDecimals);
    CPPUNIT_TEST(testMultiplesBeyondDoubles);
    CPPUNIT_TEST(testEqualNumbersHashAlike);
    CPPUNIT_TEST(testText);
    CPPUNIT_TEST_SUITE_END();

    static Number of(std::int64_t value) { return Number::ofSigned(value); }
    static Number real(double value) { return Number::ofReal(value); }

    void testComparesIntegersExactly()
    {
        CPPUNIT_ASSERT(compare(of(9007199254740993), of(9007199254740992)) > 0);
        CPPUNIT_ASSERT(compare(Number::ofUnsigned(UINT64_MAX), of(INT64_MAX)) > 0);
        CPPUNIT_ASSERT(compare(of(-1), Number::ofUnsigned(UINT64_MAX)) < 0);
        CPPUNIT_ASSERT_EQUAL(0, compare(Number::ofUnsigned(5), of(5)));
    }

    void testComparesIntegersWithReals()
    {
        CPPUNIT_ASSERT(compare(of(9007199254740993), real(9007199254740992.0)) > 0);
        CPPUNIT_ASSERT(compare(real(9007199254740992.0), of(9007199254740993)) < 0);
        CPPUNIT_ASSERT_EQUAL(0, compare(of(1), real(1.0)));
        CPPUNIT_ASSERT(compare(of(1), real(1.5)) < 0);
        CPPUNIT_ASSERT(compare(of(-1), real(-1.5)) > 0);
        CPPUNIT_ASSERT(compare(of(INT64_MAX), real(9223372036854775808.0)) < 0);
        CPPUNIT_ASSERT_EQUAL(0, compare(of(INT64_MIN), real(-9223372036854775808.0)));
        CPPUNIT_ASSERT(compare(of(INT64_MIN), real(-1e300)) > 0);
        CPPUNIT_ASSERT(compare(Number::ofUnsigned(UINT64_MAX), real(18446744073709551616.0)) < 0);
        CPPUNIT_ASSERT(compare(Number::ofUnsigned(UINT64_MAX), real(-1.0)) > 0);
    }

    void testIntegers()
    {
        CPPUNIT_ASSERT(isInteger(real(1.0)));
        CPPUNIT_ASSERT(isInteger(real(1e300)));
        CPPUNIT_ASSERT(!isInteger(real(1.5)));
        CPPUNIT_ASSERT(isInteger(Number::ofUnsigned(UINT64_MAX)));
    }

    void testMultiplesOfIntegers()
    {
        CPPUNIT_ASSERT(isMultipleOf(of(-10), of(5)));
        CPPUNIT_ASSERT(!isMultipleOf(of(7), of(2)));
        CPPUNIT_ASSERT(isMultipleOf(of(0), of(7)));
        CPPUNIT_ASSERT(isMultipleOf(of(INT64_MIN), of(2)));
        CPPUNIT_ASSERT(isMultipleOf(Number::ofUnsigned(18446744073709551614U), of(2)));
        CPPUNIT_ASSERT(!isMultipleOf(Number::ofUnsigned(UINT64_MAX), of(2)));
    }

    void testMultiplesOfDecimals()
    {
        CPPUNIT_ASSERT(isMultipleOf(real(19.99), real(0.01)));
        CPPUNIT_ASSERT(isMultipleOf(real(0.3), real(0.1)));
        CPPUNIT_ASSERT(isMultipleOf(real(4.35), real(0.05)));
        CPPUNIT_ASSERT(!isMultipleOf(real(0.00751), real(0.0001)));
        CPPUNIT_ASSERT(isMultipleOf(of(12391239123), real(1e-8)));
        CPPUNIT_ASSERT(!isMultipleOf(real(1.5), of(2)));
        CPPUNIT_ASSERT(isMultipleOf(real(-2.5), real(0.5)));
    }

    void testMultiplesBeyondDoubles()
    {
        CPPUNIT_ASSERT(isMultipleOf(real(1e308), real(0.5)));
        CPPUNIT_ASSERT(!isMultipleOf(real(1e308), real(0.123456789)));
        CPPUNIT_ASSERT(!isMultipleOf(of(1), real(1e300)));
        CPPUNIT_ASSERT(isMultipleOf(real(1e300), real(1e-300)));
        CPPUNIT_ASSERT(!isMultipleOf(of(1), real(3e-300)));
    }

    void testEqualNumbersHashAlike()
    {
        CPPUNIT_ASSERT_EQUAL(hashOf(of(1)), hashOf(real(1.0)));
        CPPUNIT_ASSERT_EQUAL(hashOf(of(0)), hashOf(real(-0.0)));
        CPPUNIT_ASSERT_EQUAL(hashOf(of(INT64_MIN)), hashOf(real(-9223372036854775808.0)));
        CPPUNIT_ASSERT_EQUAL(hashOf(Number::ofUnsigned(9223372036854775808U)), hashOf(real(9223372036854775808.0)));
    }

    void testText()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("18446744073709551615"), toText(Number::ofUnsigned(UINT64_MAX)));
        CPPUNIT_ASSERT_EQUAL(std::string("-5"), toText(of(-5)));
        CPPUNIT_ASSERT_EQUAL(std::string("0.1"), toText(real(0.1)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NumberTest);

} // namespace tenon::schema::test

#include "base/json/JsonScan.h"

#include "base/json/BigNumber.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace tenon::base;

class JsonScanTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonScanTest);
    CPPUNIT_TEST(aMemberIsFoundWhateverStandsAround);
    CPPUNIT_TEST(aMemberIsFoundInTheHeadOfAText);
    CPPUNIT_TEST(nestingCostsNoStack);
    CPPUNIT_TEST(bigNumbersComeBackInPlace);
    CPPUNIT_TEST(foreignNumbersAreTakenOut);
    CPPUNIT_TEST_SUITE_END();

public:
    void aMemberIsFoundWhateverStandsAround()
    {
        const std::string text = " { \"a\\\"\" : [ {\"id\":1}, \"}\" ] , \"id\" : \"x\\\"y\" ,\"n\":-1.5e3}";
        CPPUNIT_ASSERT_EQUAL(std::string("\"x\\\"y\""), member(text, "id"));
        CPPUNIT_ASSERT_EQUAL(std::string("-1.5e3"), member(text, "n"));
        CPPUNIT_ASSERT_EQUAL(std::string(), member(text, "absent"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), member("{\"id\":1,\"id\":2}", "id"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), member("\xef\xbb\xbf{\"id\":1}", "id"));
        for (const char* bad : {"", "[]", "\"id\"", "{\"id\"}", "{\"id\":}", "{id:1}", "{\"id\" 1}"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string(), member(bad, "id"));
    }

    void aMemberIsFoundInTheHeadOfAText()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("12"), member("{\"id\":12,\"params\":{\"a\":[", "id"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("more digits may follow", std::string(), member("{\"id\":12", "id"));
        CPPUNIT_ASSERT_EQUAL(std::string(), member("{\"params\":{\"a\":[\"", "id"));
    }

    void nestingCostsNoStack()
    {
        const std::size_t levels = 5'000'000;
        const std::string text = "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + ",\"id\":\"deep\"}";
        CPPUNIT_ASSERT_EQUAL(std::string("\"deep\""), member(text, "id"));
    }

    void bigNumbersComeBackInPlace()
    {
        const std::string text = R"({"a":[1e400,100000000000000000000],"b":"1e400","c":-1E999})";
        std::string carried = carriedJson(text);
        CPPUNIT_ASSERT(carried != text);
        BigNumbers::restore(carried);
        CPPUNIT_ASSERT_EQUAL(text, carried);
        CPPUNIT_ASSERT(!BigNumbers::of("1e400") && !BigNumbers::of("number-1e400"));
        CPPUNIT_ASSERT_EQUAL(1e20, nearestReal("100000000000000000000"));
        CPPUNIT_ASSERT(nearestReal("-1e400") < -1.7e308);
        const std::string zeros(400, '0');
        for (const std::string& digits : {std::string("1e-400"), "0." + zeros + "1", std::string("-99.9e-999"),
                                          "0." + zeros + "1e+10", std::string("1e-99999999999999999999")})
            CPPUNIT_ASSERT_EQUAL(0.0, nearestReal(digits));
        for (const std::string& digits : {"1" + zeros, "0." + zeros + "1e9999", std::string("1e99999999999999999999")})
            CPPUNIT_ASSERT(nearestReal(digits) > 1.7e308);
    }

    void foreignNumbersAreTakenOut()
    {
        using tenon::base::withoutForeignNumbers;
        CPPUNIT_ASSERT_EQUAL(std::string(R"([0,0,{"NaN":0},"-Infinity"])"),
                             withoutForeignNumbers(R"([NaN,-Infinity,{"NaN":Infinity},"-Infinity"])"));
        CPPUNIT_ASSERT_EQUAL(std::string("[nan,-0,\"a\\\"NaN"), withoutForeignNumbers("[nan,-NaN,\"a\\\"NaN"));
    }

private:
    static std::string member(const std::string& json, std::string_view name)
    {
        return std::string(topLevelMember(json, name));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonScanTest);

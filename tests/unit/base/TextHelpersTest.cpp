#include "base/text/Ascii.h"
#include "base/text/GiveBack.h"
#include "base/text/Hex.h"
#include "base/text/PercentCoding.h"
#include "base/text/RandomId.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <set>

using namespace tenon::base;

class TextHelpersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TextHelpersTest);
    CPPUNIT_TEST(hexComesBackInEitherCase);
    CPPUNIT_TEST(onlyDigitsAreHex);
    CPPUNIT_TEST(caseIsOfAsciiAlone);
    CPPUNIT_TEST(percentCodingComesBack);
    CPPUNIT_TEST(aLonePercentSignStaysOrIsRefused);
    CPPUNIT_TEST(formsWriteSpacesAsPlus);
    CPPUNIT_TEST(idsAreAsLongAsAskedForAndDiffer);
    CPPUNIT_TEST(whatIsGivenBackHoldsNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsGivenBackHoldsNothing()
    {
        std::string text(1'000'000, 'x');
        giveBack(text);
        CPPUNIT_ASSERT(text.empty());
        CPPUNIT_ASSERT_EQUAL(std::string().capacity(), text.capacity());
    }

    void hexComesBackInEitherCase()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("00ff7fa0"), toHex(std::string("\0\xff\x7f\xa0", 4)));
        std::array<std::uint8_t, 2> bytes{};
        CPPUNIT_ASSERT(fromHex("fFa0", bytes));
        CPPUNIT_ASSERT(bytes[0] == 0xff && bytes[1] == 0xa0);
        for (const char* bad : {"", "ff", "ffa", "ffa00", "ffag", "0xff", " ffa"})
            CPPUNIT_ASSERT_MESSAGE(bad, !fromHex(bad, bytes));
    }

    void onlyDigitsAreHex()
    {
        const std::string_view digits = "0123456789abcdefABCDEF";
        for (int letter = -128; letter < 128; ++letter)
        {
            const char c = static_cast<char>(letter);
            CPPUNIT_ASSERT_EQUAL(digits.find(c) != std::string_view::npos, isHex(c));
        }
        CPPUNIT_ASSERT_EQUAL(11, hexValue('B'));
    }

    void caseIsOfAsciiAlone()
    {
        CPPUNIT_ASSERT(equalsIgnoringCase("Content-Length", "cONTENT-lENGTH"));
        CPPUNIT_ASSERT(!equalsIgnoringCase("[", "{"));
        CPPUNIT_ASSERT(!equalsIgnoringCase("\xc3\x84", "\xc3\xa4"));
        CPPUNIT_ASSERT(!equalsIgnoringCase("a", "ab"));
        CPPUNIT_ASSERT(startsWithIgnoringCase("Mcp-Param-x", "mcp-param-"));
    }

    void percentCodingComesBack()
    {
        const std::string all = "a/b c%\xff?&=\n";
        CPPUNIT_ASSERT_EQUAL(std::string("a%2Fb%20c%25%FF%3F%26%3D%0A"), percentEncoded(all));
        CPPUNIT_ASSERT_EQUAL(all, percentDecoded(percentEncoded(all)));
        CPPUNIT_ASSERT_EQUAL(all, percentDecodedStrictly(percentEncoded(all)).value());
        CPPUNIT_ASSERT_EQUAL(std::string("a/b%20c"), percentEncoded("a/b c", "/"));
    }

    void aLonePercentSignStaysOrIsRefused()
    {
        for (const std::string text : {"%", "100%", "%2", "%g0", "%%41"})
        {
            CPPUNIT_ASSERT_EQUAL(text == "%%41" ? std::string("%A") : text, percentDecoded(text));
            CPPUNIT_ASSERT_MESSAGE(text, !percentDecodedStrictly(text));
        }
    }

    void formsWriteSpacesAsPlus()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a b+c"), formDecoded("a+b%2Bc").value());
        CPPUNIT_ASSERT(!formDecoded("a%zz"));
    }

    void idsAreAsLongAsAskedForAndDiffer()
    {
        std::set<std::string> seen;
        for (int round = 0; round < 100; ++round)
        {
            const std::string id = randomId();
            CPPUNIT_ASSERT_EQUAL(std::size_t(32), id.size());
            CPPUNIT_ASSERT(seen.insert(id).second);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(8), randomId(8).size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TextHelpersTest);

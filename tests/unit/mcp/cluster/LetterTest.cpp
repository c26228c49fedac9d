#include "mcp/cluster/Letter.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::mcp::Letter;

class LetterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LetterTest);
    CPPUNIT_TEST(whatIsWrittenIsRead);
    CPPUNIT_TEST(whatIsNoLetterIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsWrittenIsRead()
    {
        Letter letter("kind");
        letter.add("").add(std::string("a\n3:b\0c", 7)).addNumber(42).addFlag(true);
        Letter read;
        CPPUNIT_ASSERT(Letter::read(letter.text(), read));
        CPPUNIT_ASSERT_EQUAL(std::string("kind"), read.kind());
        CPPUNIT_ASSERT_EQUAL(std::string(), read.field(0));
        CPPUNIT_ASSERT_EQUAL(std::string("a\n3:b\0c", 7), read.field(1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(42), read.number(2));
        CPPUNIT_ASSERT(read.flag(3));
        CPPUNIT_ASSERT_EQUAL(std::string(), read.field(4)); // of a later version
        CPPUNIT_ASSERT(!read.flag(4));
    }

    void whatIsNoLetterIsRefused()
    {
        for (const char* text : {"", "kind", "kind\n3", "kind\n3:ab", "kind\n:", "kind\n-1:", "kind\n9999999999999:a"})
        {
            Letter read("left over");
            CPPUNIT_ASSERT_MESSAGE(text, !Letter::read(text, read));
            CPPUNIT_ASSERT_EQUAL(std::string(), read.kind());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LetterTest);

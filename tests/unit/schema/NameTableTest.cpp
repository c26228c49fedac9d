#include "schema/program/NameTable.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::schema::test
{

class NameTableTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(NameTableTest);
    CPPUNIT_TEST(testFew);
    CPPUNIT_TEST(testMany);
    CPPUNIT_TEST_SUITE_END();

    void testFew()
    {
        NameTable table;
        CPPUNIT_ASSERT_EQUAL(NameTable::NOT_FOUND, table.find(""));
        CPPUNIT_ASSERT_EQUAL(0U, table.add("path"));
        CPPUNIT_ASSERT_EQUAL(1U, table.add(""));
        CPPUNIT_ASSERT_EQUAL(0U, table.add("path"));
        CPPUNIT_ASSERT_EQUAL(1U, table.find(""));
        CPPUNIT_ASSERT_EQUAL(NameTable::NOT_FOUND, table.find("Path"));
    }

    /// Names that are alike in length, head and tail, across the growth of the table.
    void testMany()
    {
        std::vector<std::string> names{"", "a", "ab", "abc", "abcd"};
        for (int i = 0; i < 500; ++i)
            names.push_back("property_" + std::to_string(i) + "_of_something");
        NameTable table;
        for (std::uint32_t i = 0; i < names.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(i, table.add(names[i]));
        for (std::uint32_t i = 0; i < names.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(i, table.find(names[i]));
        CPPUNIT_ASSERT_EQUAL(NameTable::NOT_FOUND, table.find("property_x_of_something"));
        CPPUNIT_ASSERT_EQUAL(NameTable::NOT_FOUND, table.find("b"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NameTableTest);

} // namespace tenon::schema::test

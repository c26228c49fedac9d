#include "Json.h"

#include "schema/value/Value.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

class ValueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ValueTest);
    CPPUNIT_TEST(testEquality);
    CPPUNIT_TEST(testLargeObjectsInAnyOrder);
    CPPUNIT_TEST(testDoubledMemberHidesNothing);
    CPPUNIT_TEST(testEqualValuesHashAlike);
    CPPUNIT_TEST(testDescriptionsAreCutAtCharacters);
    CPPUNIT_TEST(testTypes);
    CPPUNIT_TEST_SUITE_END();

    static bool same(std::string_view left, std::string_view right)
    {
        const Json a(left);
        const Json b(right);
        return equal(Value(a.root()), Value(b.root()));
    }

    void testEquality()
    {
        CPPUNIT_ASSERT(same("1", "1.0"));
        CPPUNIT_ASSERT(!same("1", "true"));
        CPPUNIT_ASSERT(!same("0", "false"));
        CPPUNIT_ASSERT(!same("\"1\"", "1"));
        CPPUNIT_ASSERT(same("[1,[2]]", "[1.0,[2]]"));
        CPPUNIT_ASSERT(!same("[1,2]", "[2,1]"));
        CPPUNIT_ASSERT(!same("[1]", "[1,1]"));
        CPPUNIT_ASSERT(!same("[1,1]", "[1]"));
        CPPUNIT_ASSERT(same(R"({"a":1,"b":null})", R"({"b":null,"a":1})"));
        CPPUNIT_ASSERT(!same(R"({"a":1})", R"({"a":2})"));
        CPPUNIT_ASSERT(!same(R"({"a":1})", R"({"b":1})"));
    }

    void testLargeObjectsInAnyOrder()
    {
        std::string up;
        std::string down;
        for (int i = 0; i < 40; ++i)
        {
            const std::string member = "\"m" + std::to_string(i) + "\":" + std::to_string(i);
            up += (i == 0 ? "" : ",") + member;
            down = member + (i == 0 ? "" : ",") + down;
        }
        CPPUNIT_ASSERT(same("{" + up + "}", "{" + down + "}"));
        down.back() = '7';
        CPPUNIT_ASSERT(!same("{" + up + "}", "{" + down + "}"));
    }

    void testDoubledMemberHidesNothing()
    {
        CPPUNIT_ASSERT(!same(R"({"a":1,"a":1})", R"({"a":1,"b":1})"));
        CPPUNIT_ASSERT(!same(R"({"a":1,"b":1})", R"({"a":1,"a":1})"));
    }

    void testEqualValuesHashAlike()
    {
        const Json a(R"({"a":[1,{"x":"y"}],"b":2})");
        const Json b(R"({"b":2.0,"a":[1.0,{"x":"y"}]})");
        const Json c(R"({"b":2.0,"a":[{"x":"y"},1.0]})");
        CPPUNIT_ASSERT_EQUAL(hashOf(Value(a.root())), hashOf(Value(b.root())));
        CPPUNIT_ASSERT(hashOf(Value(a.root())) != hashOf(Value(c.root())));
    }

    void testDescriptionsAreCutAtCharacters()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("[1,\"a\\n\",{\"b\":null}]"),
                             describe(Value(Json(R"([1,"a\n",{"b":null}])").root())));
        CPPUNIT_ASSERT_EQUAL(std::string("\"aaa..."), describe(Value(std::string_view("aaaaaaaa")), 4));
        // U+00E9 has two bytes, and the limit falls between them.
        CPPUNIT_ASSERT_EQUAL(std::string("\"a..."), describe(Value(std::string_view("a\xC3\xA9\xC3\xA9")), 3));
    }

    void testTypes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a string or null"), describeTypes(TYPE_STRING | TYPE_NULL));
        CPPUNIT_ASSERT_EQUAL(std::string("an integer"), describeTypes(TYPE_INTEGER));
        CPPUNIT_ASSERT_EQUAL(std::string("a number"), describeTypes(TYPE_INTEGER | TYPE_NUMBER));
        CPPUNIT_ASSERT_EQUAL(TypeSet(0), typeNamed("strnig"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ValueTest);

} // namespace tenon::schema::test

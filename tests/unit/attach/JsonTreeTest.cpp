#include "JsonTree.h"
#include "ResultText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>
#include <string>

namespace tenon::attach
{

/// What the attach library reads and writes without a JSON library.
class JsonTreeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonTreeTest);
    CPPUNIT_TEST(valuesAreWhatTheyStandFor);
    CPPUNIT_TEST(whatIsNoJsonIsRefused);
    CPPUNIT_TEST(textsAreDecoded);
    CPPUNIT_TEST(sourceOfAValueIsAsItCame);
    CPPUNIT_TEST(resultsAreWellFormedOrRefused);
    CPPUNIT_TEST_SUITE_END();

    static std::string textOf(const std::string& json)
    {
        const auto tree = JsonTree::parse(json);
        return tree ? std::string(tree->text(0)) : "not JSON";
    }

    void valuesAreWhatTheyStandFor()
    {
        const auto tree = JsonTree::parse(R"( {"a": [1, -2.5, true, null, "x"], "b": {}, "big": 1e400} )");
        CPPUNIT_ASSERT(tree);
        CPPUNIT_ASSERT_EQUAL(tenon_value_type(TENON_VALUE_OBJECT), tree->type(0));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(3), tree->size(0));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), std::string(tree->text(1)));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5), tree->size(2));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), tree->integer(3));
        CPPUNIT_ASSERT_EQUAL(-2.5, tree->number(4));
        CPPUNIT_ASSERT(tree->boolean(5));
        CPPUNIT_ASSERT_EQUAL(tenon_value_type(TENON_VALUE_NULL), tree->type(6));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(8), tree->behind(2));
        const auto whole = JsonTree::parse("9223372036854775808");
        CPPUNIT_ASSERT_EQUAL(tenon_value_type(TENON_VALUE_NUMBER), whole->type(0));
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::int64_t>::max(), whole->integer(0));
    }

    void whatIsNoJsonIsRefused()
    {
        for (const char* text : {"",
                                 " ",
                                 "{",
                                 "[1,]",
                                 "{\"a\":}",
                                 "{\"a\" 1}",
                                 "01",
                                 "1.",
                                 "-",
                                 "+1",
                                 "1e",
                                 "tru",
                                 "nul",
                                 "\"",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\n\"",
                                 "1 2",
                                 "{1:2}",
                                 "\"\xff\"",
                                 "[1}",
                                 "\xef\xbb\xbf"
                                 "1"})
            CPPUNIT_ASSERT_MESSAGE(text, !JsonTree::parse(text));
        CPPUNIT_ASSERT(JsonTree::parse(std::string(500, '[') + std::string(500, ']')));
        CPPUNIT_ASSERT(!JsonTree::parse(std::string(100000, '[') + std::string(100000, ']')));
    }

    void textsAreDecoded()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a\"\\/\b\f\n\r\t"), textOf(R"("a\"\\\/\b\f\n\r\t")"));
        CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
                             textOf(R"("\u00e9\u20ac\ud83d\ude00")"));
        CPPUNIT_ASSERT_EQUAL(std::string("\xef\xbf\xbd"
                                         "x"),
                             textOf(R"("\ud83dx")"));
        CPPUNIT_ASSERT_EQUAL(std::string(1, '\0'), textOf(R"("\u0000")"));
    }

    void sourceOfAValueIsAsItCame()
    {
        const auto tree = JsonTree::parse(R"({"a": [1,  2] , "b": 1.50})");
        CPPUNIT_ASSERT_EQUAL(std::string("[1,  2]"), std::string(tree->source(2)));
        CPPUNIT_ASSERT_EQUAL(std::string("1.50"), std::string(tree->source(6)));
    }

    void resultsAreWellFormedOrRefused()
    {
        ResultText out;
        out.beginObject();
        out.key("a\n");
        out.beginArray();
        out.integer(-1);
        out.number(0.1);
        out.boolean(true);
        out.null();
        out.text("\xff\"\x01");
        out.base64("ab", 2);
        out.endArray();
        CPPUNIT_ASSERT(!out.complete());
        out.endObject();
        CPPUNIT_ASSERT(out.completeObject());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"a\\n\":[-1,0.1,true,null,\"\xef\xbf\xbd\\\"\\u0001\",\"YWI=\"]}"),
                             out.output());
        CPPUNIT_ASSERT(JsonTree::parse(out.output()));

        out.reset();
        out.beginObject();
        out.key("n");
        out.number(std::nan(""));
        CPPUNIT_ASSERT_EQUAL(std::string_view("NaN"), out.notRepresentable());
        out.endObject();
        CPPUNIT_ASSERT(!out.complete());

        out.reset();
        out.beginObject();
        out.text("no key");
        out.endObject();
        CPPUNIT_ASSERT(!out.complete());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonTreeTest);

} // namespace tenon::attach

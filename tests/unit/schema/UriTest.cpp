#include "schema/text/Uri.h"
#include "base/text/PercentCoding.h"

#include <cppunit/extensions/HelperMacros.h>

namespace tenon::schema::test
{

class UriTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UriTest);
    CPPUNIT_TEST(testResolvesAsInRfc3986);
    CPPUNIT_TEST(testWithoutABase);
    CPPUNIT_TEST(testUrn);
    CPPUNIT_TEST(testPercentDecode);
    CPPUNIT_TEST_SUITE_END();

    static std::string resolved(const char* base, const char* reference)
    {
        const Uri uri = Uri::resolve(Uri::parse(base), Uri::parse(reference));
        return uri.resource() + (uri.fragment ? "#" + *uri.fragment : "");
    }

    /// The examples of RFC 3986, 5.4.
    void testResolvesAsInRfc3986()
    {
        const char* const base = "http://a/b/c/d;p?q";
        const char* const examples[][2] = {{"g:h", "g:h"},
                                           {"g", "http://a/b/c/g"},
                                           {"./g", "http://a/b/c/g"},
                                           {"g/", "http://a/b/c/g/"},
                                           {"/g", "http://a/g"},
                                           {"//g", "http://g"},
                                           {"?y", "http://a/b/c/d;p?y"},
                                           {"g?y", "http://a/b/c/g?y"},
                                           {"#s", "http://a/b/c/d;p?q#s"},
                                           {"g;x=1/../y", "http://a/b/c/y"},
                                           {"", "http://a/b/c/d;p?q"},
                                           {".", "http://a/b/c/"},
                                           {"..", "http://a/b/"},
                                           {"../g", "http://a/b/g"},
                                           {"../..", "http://a/"},
                                           {"../../../g", "http://a/g"},
                                           {"/./g", "http://a/g"},
                                           {"g.", "http://a/b/c/g."},
                                           {"..g", "http://a/b/c/..g"}};
        for (const auto& example : examples)
            CPPUNIT_ASSERT_EQUAL(std::string(example[1]), resolved(base, example[0]));
    }

    void testWithoutABase()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("item.json"), resolved("", "item.json"));
        CPPUNIT_ASSERT_EQUAL(std::string("#/a"), resolved("", "#/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("http://a/g"), resolved("http://a", "g"));
    }

    void testUrn()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("urn:uuid:a#/b"), resolved("urn:uuid:a", "#/b"));
        CPPUNIT_ASSERT_EQUAL(std::string("urn:x:y"), resolved("http://a/b", "urn:x:y"));
    }

    void testPercentDecode()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("/a%b c"), *base::percentDecodedStrictly("/a%25b%20c"));
        CPPUNIT_ASSERT(!base::percentDecodedStrictly("%2"));
        CPPUNIT_ASSERT(!base::percentDecodedStrictly("%zz"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UriTest);

} // namespace tenon::schema::test

#include "plugin/catalogue/UriTemplate.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::plugin
{

class UriTemplateTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UriTemplateTest);
    CPPUNIT_TEST(simpleVariableStopsAtSlash);
    CPPUNIT_TEST(reservedVariableTakesAnything);
    CPPUNIT_TEST(severalVariablesFitAsAWhole);
    CPPUNIT_TEST(valuesArePercentDecoded);
    CPPUNIT_TEST(rawAndEscapedFormsAreTheSame);
    CPPUNIT_TEST(literalTemplateIsExact);
    CPPUNIT_TEST(malformedTemplatesAreRefused);
    CPPUNIT_TEST(hostileUriEndsSoon);
    CPPUNIT_TEST_SUITE_END();

    /// "name=value;…" or "no".
    static std::string match(const std::string& text, const std::string& uri)
    {
        UriTemplate::Variables variables;
        if (!UriTemplate(text).matches(uri, variables))
            return "no";
        std::string found;
        for (const auto& [name, value] : variables)
            found += name + "=" + value + ";";
        return found;
    }

    void check(const std::string& expected, const std::string& text, const std::string& uri)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text + " " + uri, expected, match(text, uri));
    }

    void simpleVariableStopsAtSlash()
    {
        check("id=7;", "db://rows/{id}", "db://rows/7");
        check("no", "db://rows/{id}", "db://rows/7/8");
        check("no", "db://rows/{id}", "db://rows/");
        check("no", "db://rows/{id}", "db://row/7");
        check("id=7;", "db://rows/{id}/all", "db://rows/7/all");
        check("no", "db://rows/{id}/all", "db://rows/7/any");
    }

    void reservedVariableTakesAnything()
    {
        check("path=a/b.txt;", "file:///{+path}", "file:///a/b.txt");
        check("path=;", "file:///{+path}", "file:///");
        check("path=a?b#c;", "file:///{+path}", "file:///a?b#c");
    }

    void severalVariablesFitAsAWhole()
    {
        check("a=1;b=2;", "x://{a}/{b}", "x://1/2");
        check("a=1;b=2-3;", "x://{a}-{b}", "x://1-2-3");
        check("a=1/2;b=3;", "x://{+a}/at/{b}", "x://1/2/at/3");
        check("a=1/at/2;b=3;", "x://{+a}/at/{b}", "x://1/at/2/at/3");
        check("no", "x://{a}/at/{b}", "x://1/2/at/3");
        check("a=1;b=2;c=3;", "x://{a}x/{+b}/{c}", "x://1x/2/3");
    }

    void valuesArePercentDecoded()
    {
        check("a=b c/d;", "x://{a}", "x://b%20c%2Fd");
        check("a=%zz%4;", "x://{a}", "x://%zz%4");
    }

    void rawAndEscapedFormsAreTheSame()
    {
        for (const char* text : {"notes://my notes/{id}", "notes://my%20notes/{id}", "notes://m%79%20notes/{id}"})
            for (const char* uri : {"notes://my notes/a b", "notes://my%20notes/a%20b", "notes://m%79 notes/a b"})
                check("id=a b;", text, uri);
        check("id=\xC3\xBC;", "x://gr\xC3\xBC\xC3\x9F/{id}", "x://gr%c3%bc%C3%9F/%C3%BC");
        // A reserved character and its escape are not the same.
        check("no", "x://a:b/{id}", "x://a%3Ab/1");
        check("no", "x://a/{id}", "x://a%2F1");
        check("id=100%;", "x://{id}", "x://100%");
    }

    void literalTemplateIsExact()
    {
        check("", "x://fixed", "x://fixed");
        check("no", "x://fixed", "x://fixed/more");
    }

    void malformedTemplatesAreRefused()
    {
        for (const char* text : {"x://{a", "x://a}", "x://{}", "x://{+}", "x://{a}{b}", "x://{a}/{a}", "x://{?a}",
                                 "x://{a*}", "x://{a b}"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, UriTemplate{text}, Poco::DataFormatException);
    }

    void hostileUriEndsSoon()
    {
        const std::string uri = "x://" + std::string(4000, 'a');
        check("no", "x://{+a}a{+b}a{+c}a{+d}a{+e}b", uri);
        check("no", "x://{a}a{b}a{c}a{d}b", uri);
        check("no", "x://{+a}a{b}a{+c}a{d}b", uri);
        check("no", "x://{a}", uri + std::string(100, 'a'));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UriTemplateTest);

} // namespace tenon::plugin

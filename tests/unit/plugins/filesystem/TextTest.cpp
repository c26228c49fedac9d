#include "Workspace.h"

#include "filesystem/text/Text.h"

using namespace tenon::filesystem;

class TextTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TextTest);
    CPPUNIT_TEST(utf8IsToldFromOtherBytes);
    CPPUNIT_TEST(badBytesAreReplaced);
    CPPUNIT_TEST(base64ThereAndBack);
    CPPUNIT_TEST(base64FaultsAreSeen);
    CPPUNIT_TEST(mimeTypes);
    CPPUNIT_TEST(dateTimes);
    CPPUNIT_TEST_SUITE_END();

    void utf8IsToldFromOtherBytes()
    {
        for (const char* text :
             {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
            CPPUNIT_ASSERT_MESSAGE(text, looksLikeText(text));
        for (const char* text : {"\x80", "\xC0\xAF", "\xC1\x81", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                                 "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
                                 "a\xC3"
                                 "b"})
            CPPUNIT_ASSERT_MESSAGE(text, !looksLikeText(text));
        CPPUNIT_ASSERT(!looksLikeText(std::string("a\0b", 3)));
        CPPUNIT_ASSERT(endsInsideCharacter("a\xE2\x82"));
        CPPUNIT_ASSERT(!endsInsideCharacter("a\xE2\x28"));
        CPPUNIT_ASSERT(!endsInsideCharacter("a\xE2\x82\xAC"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), validUtf8Prefix("a\xE2\x82"));
    }

    void badBytesAreReplaced()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a\xEF\xBF\xBD\xC3\xBC\xEF\xBF\xBD"), toUtf8("a\xFF\xC3\xBC\xC3"));
        CPPUNIT_ASSERT_EQUAL(std::string("\xC3\xBC"), toUtf8("\xC3\xBC"));
    }

    void base64ThereAndBack()
    {
        std::string data;
        for (int i = 0; i < 300; ++i)
        {
            std::string back;
            CPPUNIT_ASSERT(decodeBase64(encodeBase64(data), back));
            CPPUNIT_ASSERT_EQUAL(data, back);
            data += static_cast<char>(i * 7);
        }
        std::string back;
        CPPUNIT_ASSERT(decodeBase64("aG\nVs bG8", back));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), back);
        CPPUNIT_ASSERT_EQUAL(std::string("aGVsbG8="), encodeBase64("hello"));
    }

    void base64FaultsAreSeen()
    {
        std::string data;
        for (const char* text : {"a", "aGVs!", "aG=V", "aGVsbG8==", "====", "aGVs="})
            CPPUNIT_ASSERT_MESSAGE(text, !decodeBase64(text, data));
    }

    void mimeTypes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("image/png"), mimeTypeOf("a/B.PNG", false));
        CPPUNIT_ASSERT_EQUAL(std::string("text/plain"), mimeTypeOf("Makefile", true));
        CPPUNIT_ASSERT_EQUAL(std::string("application/octet-stream"), mimeTypeOf("a.", false));
    }

    void dateTimes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("1970-01-01T00:00:00Z"), toDateTime(999999999));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59Z"), toDateTime(-1));
        CPPUNIT_ASSERT_EQUAL(std::string("2000-02-29T12:34:56Z"), toDateTime(951827696000000000));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-20T10:31:26Z"), toDateTime(1795170686123456789));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TextTest);

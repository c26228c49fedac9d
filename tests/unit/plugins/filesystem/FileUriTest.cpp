#include "Workspace.h"

#include "filesystem/paths/FileUri.h"

using namespace tenon::filesystem;

class FileUriTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FileUriTest);
    CPPUNIT_TEST(thereAndBack);
    CPPUNIT_TEST(otherForms);
    CPPUNIT_TEST_SUITE_END();

    void thereAndBack()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("file:///srv/a%20b/%C3%A4%25%23%3F%FF.txt"),
                             toFileUri("/srv/a b/\xC3\xA4%#?\xFF.txt"));
        for (const std::string path : {"/", "/srv/a b/\xC3\xA4%#?\xFF.txt", "C:/data/a.txt", "/x:/y"})
            CPPUNIT_ASSERT_EQUAL(path == "/x:/y" ? std::string("x:/y") : path, fromFileUri(toFileUri(path)));
        CPPUNIT_ASSERT_EQUAL(std::string("file:///C:/data/a.txt"), toFileUri("C:/data/a.txt"));
    }

    void otherForms()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("/a"), fromFileUri("file:/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a"), fromFileUri("FILE://localhost/a"));
        CPPUNIT_ASSERT(!isFileUri("fil"));
        CPPUNIT_ASSERT(!isFileUri("/file:"));
        for (const char* uri :
             {"http://a/b", "file:a", "file://", "file://host/a", "file:///%", "file:///%4", "file:///%g0"})
            refused(Reason::INVALID, [&] { fromFileUri(uri); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FileUriTest);

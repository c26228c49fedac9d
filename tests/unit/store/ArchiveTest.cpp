#include "store/memory/MemoryArchive.h"
#include "unit/store/ArchiveSuite.h"
#if defined(TENON_STORE_SQLITE)
#include "store/sqlite/SqliteArchive.h"
#endif

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

using namespace tenon;
using namespace tenon::tests;

class MemoryArchiveTest : public ArchiveSuite
{
    TENON_ARCHIVE_SUITE(MemoryArchiveTest);
    CPPUNIT_TEST_SUITE_END();

protected:
    std::shared_ptr<store::Archive> open() override { return std::make_shared<store::MemoryArchive>(EVENTS); }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MemoryArchiveTest);

#if defined(TENON_STORE_SQLITE)
class SqliteArchiveTest : public ArchiveSuite
{
    TENON_ARCHIVE_SUITE(SqliteArchiveTest);
    CPPUNIT_TEST(whatWasKeptIsThereAfterAStart);
    CPPUNIT_TEST(aFileThatIsNoneIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatWasKeptIsThereAfterAStart()
    {
        const Poco::TemporaryFile file;
        {
            const auto archive = opened(file.path());
            CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", 3, "text") == Outcome::FOUND);
            append(*archive, "s", 0, "zero", false, "1");
        }
        const auto archive = opened(file.path());
        CPPUNIT_ASSERT_EQUAL(std::string("text"), get(*archive, Kind::TASK, "t").second.text);
        CPPUNIT_ASSERT(after(*archive, "s", 0).first == Outcome::FOUND);
    }

    void aFileThatIsNoneIsRefused()
    {
        const Poco::TemporaryFile folder;
        Poco::File(folder.path()).createDirectory();
        CPPUNIT_ASSERT_THROW(store::SqliteArchive(folder.path(), EVENTS), Poco::OpenFileException);
    }

protected:
    std::shared_ptr<store::Archive> open() override
    {
        _file = std::make_unique<Poco::TemporaryFile>();
        return opened(_file->path());
    }

private:
    static std::shared_ptr<store::SqliteArchive> opened(const std::string& file)
    {
        auto archive = std::make_shared<store::SqliteArchive>(file, EVENTS);
        archive->start();
        return archive;
    }

    std::unique_ptr<Poco::TemporaryFile> _file;
};
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteArchiveTest);
#endif

#include "Workspace.h"

#include "filesystem/files/Files.h"

#include <set>
#include <sys/stat.h>

using namespace tenon::filesystem;

class FilesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FilesTest);
    CPPUNIT_TEST(listsInPages);
    CPPUNIT_TEST(listsTheRootsIfThereAreSeveral);
    CPPUNIT_TEST(listsLinks);
    CPPUNIT_TEST(namesThatAreNotUtf8CanBeReadByTheirUri);
    CPPUNIT_TEST(tellsDetails);
    CPPUNIT_TEST(writingNeedsTheSetting);
    CPPUNIT_TEST(createsReplacesAppends);
    CPPUNIT_TEST(replacingKeepsPermissionsAndLeavesNothingBehind);
    CPPUNIT_TEST(makesDirectoriesIfAsked);
    CPPUNIT_TEST(writeLimits);
    CPPUNIT_TEST(readOnlyFilesStay);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;

    Files files(bool writable = false) const
    {
        Options options;
        options.roots = {_space.inside()};
        options.writable = writable;
        options.maxWriteBytes = 100;
        return Files(options);
    }

    void listsInPages()
    {
        for (const char* name : {"b", "c", "a", "d/x"})
            _space.put(name, name);
        const Files all = files();
        const Listing first = all.list("", 0, 3);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), first.entries.at(0).name);
        CPPUNIT_ASSERT(first.total == 4 && first.nextOffset == 3u);
        const Listing rest = all.list(_space.inside(), 3, 3);
        CPPUNIT_ASSERT(rest.entries.size() == 1 && !rest.nextOffset);
        CPPUNIT_ASSERT(rest.entries[0].kind == Kind::DIRECTORY && !rest.entries[0].size);
        CPPUNIT_ASSERT_EQUAL(_space.path("d"), rest.entries[0].path);
        CPPUNIT_ASSERT_EQUAL("file://" + _space.path("d"), rest.entries[0].uri);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), first.entries[0].size.value_or(0));
        CPPUNIT_ASSERT(all.list("", 100, 3).entries.empty());
        refused(Reason::WRONG_KIND, [&] { all.list("a", 0, 10); });
        refused(Reason::NOT_FOUND, [&] { all.list("nothing", 0, 10); });
    }

    void listsTheRootsIfThereAreSeveral()
    {
        Options options;
        options.roots = {_space.inside(), _space.outside()};
        const Files both(options);
        const Listing roots = both.list("", 0, 10);
        CPPUNIT_ASSERT(roots.entries.size() == 2 && roots.path.empty());
        CPPUNIT_ASSERT_EQUAL(_space.outside(), roots.entries[1].path);
        CPPUNIT_ASSERT_EQUAL(std::string("outside"), roots.entries[1].name);
        SearchRequest request;
        request.glob = "secret.txt";
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), both.search("", request, {}, {}).matches.size());
    }

    void listsLinks()
    {
        _space.put("file", "1234");
        _space.link("file", "good");
        _space.link("../outside/secret.txt", "out");
        _space.link("nothing", "dangling");
        const Listing listing = files().list("", 0, 10);
        CPPUNIT_ASSERT_EQUAL(std::string("dangling"), listing.entries.at(0).name);
        CPPUNIT_ASSERT(listing.entries[0].kind == Kind::LINK && listing.entries[3].kind == Kind::LINK);
        CPPUNIT_ASSERT(!listing.entries[3].size);
        if (files().roots().locate("").tree->followsLinks())
            CPPUNIT_ASSERT(listing.entries[2].kind == Kind::FILE && listing.entries[2].link &&
                           listing.entries[2].size == 4u);
    }

    void namesThatAreNotUtf8CanBeReadByTheirUri()
    {
        _space.put("\xFF.txt", "odd");
        const Entry entry = files().list("", 0, 10).entries.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("\xEF\xBF\xBD.txt"), entry.name);
        CPPUNIT_ASSERT_EQUAL(std::string("odd"), files().read(entry.uri, {}, Encoding::AUTO, {}).data);
    }

    void tellsDetails()
    {
        _space.put("a.json", "{}");
        ::chmod(_space.path("a.json").c_str(), 0640);
        const Details details = files().stat("a.json");
        CPPUNIT_ASSERT_EQUAL(std::string("rw-r-----"), details.permissions.value_or(""));
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), details.mimeType.value_or(""));
        CPPUNIT_ASSERT(!details.writable && files(true).stat("a.json").writable);
        CPPUNIT_ASSERT(files().stat("").entry.kind == Kind::DIRECTORY);
        refused(Reason::NOT_FOUND, [&] { files().stat("nothing"); });
    }

    void writingNeedsTheSetting()
    {
        refused(Reason::NOT_ALLOWED, [&] { files().changes().write({"a", "x", false, WriteMode::CREATE, false}); });
        CPPUNIT_ASSERT(!std::filesystem::exists(_space.path("a")));
    }

    void createsReplacesAppends()
    {
        const Files all = files(true);
        const auto write = [&](const std::string& content, WriteMode mode, bool base64 = false) {
            return all.changes().write({"a", content, base64, mode, false});
        };
        const Written created = write("one", WriteMode::CREATE);
        CPPUNIT_ASSERT(created.created && created.bytes == 3 && created.size == 3);
        refused(Reason::NOT_ALLOWED, [&] { write("two", WriteMode::CREATE); });
        CPPUNIT_ASSERT_EQUAL(std::string("one"), _space.get("a"));
        const Written appended = write("AP8=", WriteMode::APPEND, true);
        CPPUNIT_ASSERT(!appended.created && appended.bytes == 2 && appended.size == 5);
        CPPUNIT_ASSERT_EQUAL(std::string("one\0\xFF", 5), _space.get("a"));
        CPPUNIT_ASSERT(!write("new", WriteMode::REPLACE).created);
        CPPUNIT_ASSERT_EQUAL(std::string("new"), _space.get("a"));
        refused(Reason::INVALID, [&] { write("!!", WriteMode::APPEND, true); });
        refused(Reason::WRONG_KIND, [&] { all.changes().write({"", "x", false, WriteMode::REPLACE, false}); });
        refused(Reason::WRONG_KIND, [&] { all.changes().write({"a/b", "x", false, WriteMode::CREATE, false}); });
        CPPUNIT_ASSERT(all.changes().write({"fresh", "x", false, WriteMode::REPLACE, false}).created);
        CPPUNIT_ASSERT(all.changes().write({"fresh2", "x", false, WriteMode::APPEND, false}).created);
    }

    void replacingKeepsPermissionsAndLeavesNothingBehind()
    {
        _space.put("a", "old");
        ::chmod(_space.path("a").c_str(), 0751);
        files(true).changes().write({"a", "new", false, WriteMode::REPLACE, false});
        struct stat status = {};
        ::stat(_space.path("a").c_str(), &status);
        CPPUNIT_ASSERT_EQUAL(0751u, static_cast<unsigned>(status.st_mode & 0777));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), files().list("", 0, 10).entries.size());
    }

    void makesDirectoriesIfAsked()
    {
        const Files all = files(true);
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_FOUND,
                                        [&] {
                                            all.changes().write({"x/y/a", "1", false, WriteMode::CREATE, false});
                                        }),
                                "createDirectories"));
        all.changes().write({"x/y/a", "1", false, WriteMode::CREATE, true});
        all.changes().write({"x/y/b", "1", false, WriteMode::CREATE, true});
        CPPUNIT_ASSERT_EQUAL(std::string("1"), _space.get("x/y/a"));
    }

    void writeLimits()
    {
        refused(Reason::LIMIT,
                [&] {
                    files(true).changes().write({"a", std::string(101, 'x'), false, WriteMode::CREATE, false});
                });
        CPPUNIT_ASSERT(!std::filesystem::exists(_space.path("a")));
        refused(Reason::INVALID,
                [&] {
                    files(true).changes().write({std::string(300, 'n'), "x", false, WriteMode::CREATE, false});
                });
    }

    void readOnlyFilesStay()
    {
        if (::geteuid() == 0)
            return; // root may write everything
        _space.put("a", "old");
        ::chmod(_space.path("a").c_str(), 0444);
        refused(Reason::NOT_ALLOWED,
                [&] {
                    files(true).changes().write({"a", "new", false, WriteMode::REPLACE, false});
                });
        CPPUNIT_ASSERT_EQUAL(std::string("old"), _space.get("a"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FilesTest);

#include "Workspace.h"

#include "filesystem/files/Files.h"

using namespace tenon::filesystem;

namespace fs = std::filesystem;

/// Editing, moving, making and deleting; FilesTest has writing.
class ChangesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChangesTest);
    CPPUNIT_TEST(editsExactTexts);
    CPPUNIT_TEST(aDryRunChangesNothing);
    CPPUNIT_TEST(allOrNothing);
    CPPUNIT_TEST(unclearEditsAreRefused);
    CPPUNIT_TEST(windowsLineEnds);
    CPPUNIT_TEST(onlyUtf8IsEdited);
    CPPUNIT_TEST(moves);
    CPPUNIT_TEST(movesNowhereElse);
    CPPUNIT_TEST(makesDirectories);
    CPPUNIT_TEST(deletes);
    CPPUNIT_TEST(deletingNeedsItsSetting);
    CPPUNIT_TEST(nothingChangesIfReadOnly);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;

    Files files(bool writable = true, bool deletable = true) const
    {
        Options options;
        options.roots = {_space.inside()};
        options.writable = writable;
        options.deletable = deletable;
        return Files(options);
    }

    Edited edit(const std::vector<Replacement>& replacements, bool dryRun = false) const
    {
        return files().changes().edit("f", replacements, dryRun);
    }

    void editsExactTexts()
    {
        _space.put("f", "one\ntwo\nthree\n");
        const Edited edited = edit({{"two", "2"}, {"2\nthree", "2\n3"}});
        CPPUNIT_ASSERT_EQUAL(std::string("one\n2\n3\n"), _space.get("f"));
        CPPUNIT_ASSERT(edited.written && edited.replacements == 2);
        CPPUNIT_ASSERT(contains(edited.diff, "@@ -1,3 +1,3 @@\n one\n-two\n-three\n+2\n+3\n"));
        _space.put("f", "a b a b a");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(3), edit({{"a", "aa", true}}).replacements);
        CPPUNIT_ASSERT_EQUAL(std::string("aa b aa b aa"), _space.get("f"));
        CPPUNIT_ASSERT(!edit({{"b aa b", "b aa b"}}).written);
    }

    void aDryRunChangesNothing()
    {
        _space.put("f", "one\n");
        const Edited edited = edit({{"one", "two"}}, true);
        CPPUNIT_ASSERT(!edited.written && contains(edited.diff, "-one\n+two\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("one\n"), _space.get("f"));
    }

    void allOrNothing()
    {
        _space.put("f", "one two");
        refused(Reason::INVALID, [&] { edit({{"one", "1"}, {"three", "3"}}); });
        CPPUNIT_ASSERT_EQUAL(std::string("one two"), _space.get("f"));
    }

    void unclearEditsAreRefused()
    {
        _space.put("f", "    indented line\nnext\nsame\nsame\n");
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { edit({{"same", "x"}}); }), "2 times (lines 3, 4)"));
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { edit({{"\tindented line\nnext", "x"}}); }), "Line 1"));
        refused(Reason::INVALID, [&] { edit({{"", "x"}}); });
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_FOUND,
                                        [&] {
                                            files().changes().edit("g", {{"a", "b"}}, true);
                                        }),
                                "does not exist"));
    }

    void windowsLineEnds()
    {
        _space.put("f", "one\r\ntwo\r\nthree\r\n");
        const Edited edited = edit({{"one\ntwo", "1\n2"}});
        CPPUNIT_ASSERT_EQUAL(std::string("1\r\n2\r\nthree\r\n"), _space.get("f"));
        CPPUNIT_ASSERT(edited.note && contains(*edited.note, "CRLF"));
    }

    void onlyUtf8IsEdited()
    {
        _space.put("f", "gr\xFC\xDF");
        CPPUNIT_ASSERT(contains(refused(Reason::WRONG_KIND, [&] { edit({{"g", "G"}}); }), "UTF-8"));
        CPPUNIT_ASSERT_EQUAL(std::string("gr\xFC\xDF"), _space.get("f"));
    }

    void moves()
    {
        _space.put("a/b.txt", "b");
        const Files all = files();
        CPPUNIT_ASSERT_EQUAL(_space.path("c.txt"), all.changes().move("a/b.txt", "c.txt").path);
        CPPUNIT_ASSERT_EQUAL(std::string("b"), _space.get("c.txt"));
        all.changes().move("a", "d");
        CPPUNIT_ASSERT(fs::is_directory(_space.path("d")) && !fs::exists(_space.path("a")));
        _space.link("c.txt", "link");
        all.changes().move("link", "d/link");
        CPPUNIT_ASSERT(fs::is_symlink(_space.path("d/link")));
    }

    void movesNowhereElse()
    {
        _space.put("a/b.txt", "b");
        _space.put("c.txt", "c");
        _space.link(_space.outside(), "out");
        const Files all = files();
        const auto move = [&](const std::string& from, const std::string& to)
        { return [&all, from, to] { all.changes().move(from, to); }; };
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_ALLOWED, move("a/b.txt", "c.txt")), "nothing is overwritten"));
        refused(Reason::NOT_ALLOWED, move("a", "c.txt"));
        refused(Reason::INVALID, move("a", "a/b"));
        refused(Reason::NOT_FOUND, move("a", "new/a"));
        refused(Reason::NOT_FOUND, move("nothing", "d"));
        refused(Reason::NOT_ALLOWED, move("c.txt", "out/c.txt"));
        refused(Reason::NOT_ALLOWED, move("out/secret.txt", "secret.txt"));
        refused(Reason::NOT_ALLOWED, move("", "d"));
        refused(Reason::NOT_ALLOWED, move("c.txt", _space.outside() + "/c.txt"));
        CPPUNIT_ASSERT_EQUAL(std::string("c"), _space.get("c.txt"));
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), _space.get("../outside/secret.txt"));
    }

    void makesDirectories()
    {
        const Files all = files();
        CPPUNIT_ASSERT_EQUAL(_space.path("x/y"), all.changes().createDirectory("x/y").path);
        CPPUNIT_ASSERT(all.changes().createDirectory("x/y").kind == Kind::DIRECTORY);
        _space.put("f", "x");
        refused(Reason::NOT_ALLOWED, [&] { all.changes().createDirectory("f"); });
        refused(Reason::WRONG_KIND, [&] { all.changes().createDirectory("f/g"); });
    }

    void deletes()
    {
        _space.put("a/b/c.txt", "c");
        _space.put("a/d.txt", "d");
        _space.link(_space.outside(), "a/out");
        const Files all = files();
        const auto remove = [&](const std::string& path, bool recursive)
        { return all.changes().remove(path, recursive, {}).entries; };
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_ALLOWED, [&] { remove("a", false); }), "recursive"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), remove("a/d.txt", false));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4), remove("a", true));
        CPPUNIT_ASSERT(!fs::exists(_space.path("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), _space.get("../outside/secret.txt"));
        _space.link(_space.outside(), "out");
        remove("out", true);
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), _space.get("../outside/secret.txt"));
        refused(Reason::NOT_ALLOWED, [&] { remove("", true); });
        refused(Reason::NOT_FOUND, [&] { remove("nothing", true); });
    }

    void deletingNeedsItsSetting()
    {
        _space.put("f", "x");
        CPPUNIT_ASSERT(
            contains(refused(Reason::NOT_ALLOWED, [&] { files(true, false).changes().remove("f", false, {}); }),
                     "plugin.filesystem.deletable"));
        CPPUNIT_ASSERT_EQUAL(std::string("x"), _space.get("f"));
    }

    void nothingChangesIfReadOnly()
    {
        _space.put("f", "x");
        const Files all = files(false);
        refused(Reason::NOT_ALLOWED, [&] { all.changes().edit("f", {{"x", "y"}}, false); });
        refused(Reason::NOT_ALLOWED, [&] { all.changes().move("f", "g"); });
        refused(Reason::NOT_ALLOWED, [&] { all.changes().createDirectory("d"); });
        refused(Reason::NOT_ALLOWED, [&] { all.changes().remove("f", false, {}); });
        CPPUNIT_ASSERT_EQUAL(std::string("x"), _space.get("f"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChangesTest);

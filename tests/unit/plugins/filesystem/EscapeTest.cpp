#include "Workspace.h"

#include "filesystem/paths/FileUri.h"
#include "filesystem/paths/Roots.h"
#include "filesystem/tree/TreePosix.h"

#include <atomic>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>

using namespace tenon::filesystem;

/// Every way out of the roots that we know of, with the kernel's confinement and with our own walk.
class EscapeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EscapeTest);
    CPPUNIT_TEST(dotDotIsRefused);
    CPPUNIT_TEST(absolutePathsOutsideAreRefused);
    CPPUNIT_TEST(aSiblingWithTheRootsNameInFrontIsOutside);
    CPPUNIT_TEST(nulIsRefused);
    CPPUNIT_TEST(percentEncodedEscapesAreRefused);
    CPPUNIT_TEST(percentIsDecodedOnce);
    CPPUNIT_TEST(linksOutAreRefused);
    CPPUNIT_TEST(linksInsideAreFollowedByTheKernel);
    CPPUNIT_TEST(absoluteLinksInsideAreFollowed);
    CPPUNIT_TEST(linksInsideAreRefusedByTheWalk);
    CPPUNIT_TEST(linksInTheMiddleOfThePathAreRefused);
    CPPUNIT_TEST(linksInACircleAreRefused);
    CPPUNIT_TEST(writingThroughALinkIsRefused);
    CPPUNIT_TEST(refusalsDoNotTellWhatIsOutside);
    CPPUNIT_TEST(magicLinksAreRefused);
    CPPUNIT_TEST(specialFilesAreRefused);
    CPPUNIT_TEST(aDirectoryThatBecomesALinkMeanwhileLeadsNowhere);
    CPPUNIT_TEST(withoutRootsNothingIsReached);
    CPPUNIT_TEST(theInnermostRootWins);
    CPPUNIT_TEST(aRootThatIsALinkIsKnownByBothNames);
    CPPUNIT_TEST_SUITE_END();

    static constexpr Confinement BOTH[] = {Confinement::OPENAT2, Confinement::WALK};

    static Roots rootsOf(const std::string& directory, Confinement how = Confinement::OPENAT2)
    {
        std::vector<std::unique_ptr<Tree>> trees;
        trees.push_back(TreePosix::make(directory, how));
        return Roots(std::move(trees));
    }

    static std::string read(const Roots& roots, std::string_view name)
    {
        const Location location = roots.locate(name);
        return location.tree->open(location.relative, location.shown())->read(0, 1000);
    }

    void dotDotIsRefused()
    {
        const Workspace space;
        const Roots roots = rootsOf(space.inside());
        for (const char* name : {"..", "../outside/secret.txt", "a/../../outside/secret.txt", "./..", "a/..", "/.."})
            refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
        refused(Reason::NOT_ALLOWED, [&] { read(roots, space.inside() + "/../outside/secret.txt"); });
        space.put("..a", "harmless");
        CPPUNIT_ASSERT_EQUAL(std::string("harmless"), read(roots, "..a"));
    }

    void absolutePathsOutsideAreRefused()
    {
        const Workspace space;
        const Roots roots = rootsOf(space.inside());
        for (const std::string& name : {std::string("/etc/passwd"), std::string("/"), space.outside() + "/secret.txt",
                                        std::string("file:///etc/passwd"), "//" + space.outside()})
            refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
    }

    void aSiblingWithTheRootsNameInFrontIsOutside()
    {
        const Workspace space;
        space.put("../inside-too/secret.txt", "secret");
        const Roots roots = rootsOf(space.inside());
        refused(Reason::NOT_ALLOWED, [&] { read(roots, space.inside() + "-too/secret.txt"); });
    }

    void nulIsRefused()
    {
        const Workspace space;
        space.put("a.txt", "a");
        const Roots roots = rootsOf(space.inside());
        refused(Reason::INVALID, [&] { read(roots, std::string_view("a.txt\0.png", 10)); });
        refused(Reason::INVALID, [&] { read(roots, "file://" + space.inside() + "/a.txt%00.png"); });
    }

    void percentEncodedEscapesAreRefused()
    {
        const Workspace space;
        const Roots roots = rootsOf(space.inside());
        const std::string base = "file://" + space.inside();
        for (const char* name : {"/%2e%2e/outside/secret.txt", "/..%2foutside/secret.txt",
                                 "/%2E%2E%2Foutside%2Fsecret.txt", "/a/%2e%2e/%2e%2e/outside/secret.txt"})
            refused(Reason::NOT_ALLOWED, [&] { read(roots, base + name); });
        refused(Reason::INVALID, [&] { read(roots, base + "/%2"); });
        refused(Reason::INVALID, [&] { read(roots, base + "/%zz"); });
        refused(Reason::INVALID, [&] { read(roots, "file://elsewhere/etc/passwd"); });
    }

    void percentIsDecodedOnce()
    {
        const Workspace space;
        const Roots roots = rootsOf(space.inside());
        refused(Reason::NOT_FOUND, [&] { read(roots, "file://" + space.inside() + "/%252e%252e/outside/secret.txt"); });
        // In a plain path a percent sign is a character like any other.
        refused(Reason::NOT_FOUND, [&] { read(roots, "%2e%2e/outside/secret.txt"); });
        space.put("100%25.txt", "literal");
        CPPUNIT_ASSERT_EQUAL(std::string("literal"), read(roots, "100%25.txt"));
    }

    void linksOutAreRefused()
    {
        const Workspace space;
        space.link(space.outside() + "/secret.txt", "absolute");
        space.link("../outside/secret.txt", "relative");
        space.link("../outside", "directory");
        space.link("relative", "chained");
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            for (const char* name : {"absolute", "relative", "directory/secret.txt", "chained"})
                refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
            const Location directory = roots.locate("directory");
            refused(Reason::NOT_ALLOWED, [&] { directory.tree->list(directory.relative, "directory", true, 10); });
            const Location link = roots.locate("relative");
            const Info info = link.tree->stat(link.relative, "relative");
            CPPUNIT_ASSERT(info.kind == Kind::LINK && info.bytes == 0);
        }
    }

    void linksInsideAreFollowedByTheKernel()
    {
        const Workspace space;
        space.put("deep/a.txt", "text");
        space.link("deep/a.txt", "file");
        space.link("../deep", "deep/self");
        const Roots roots = rootsOf(space.inside());
        if (!roots.locate("").tree->followsLinks())
            return; // this kernel or sandbox has no openat2
        CPPUNIT_ASSERT_EQUAL(std::string("text"), read(roots, "file"));
        CPPUNIT_ASSERT_EQUAL(std::string("text"), read(roots, "deep/self/a.txt"));
        const Location link = roots.locate("file");
        const Info info = link.tree->stat(link.relative, "file");
        CPPUNIT_ASSERT(info.kind == Kind::FILE && info.link && info.bytes == 4);
    }

    void absoluteLinksInsideAreFollowed()
    {
        const Workspace space;
        space.put("deep/a.txt", "text");
        space.link(space.path("deep/a.txt"), "file");
        space.link(space.path("deep"), "directory");
        space.link(space.path("file"), "chained");
        space.link(space.path("outward"), "chainedOut");
        space.link(space.outside() + "/secret.txt", "outward");
        space.link(space.path("deep/../../outside/secret.txt"), "byDots");
        const Roots roots = rootsOf(space.inside());
        if (!roots.locate("").tree->followsLinks())
            return; // this kernel or sandbox has no openat2
        for (const char* name : {"file", "directory/a.txt", "chained"})
            CPPUNIT_ASSERT_EQUAL(std::string("text"), read(roots, name));
        for (const char* name : {"outward", "chainedOut", "byDots"})
            refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
        const Location directory = roots.locate("directory");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), directory.tree->list(directory.relative, "d", true, 10).size());
        const Location link = roots.locate("file");
        const Info info = link.tree->stat(link.relative, "file");
        CPPUNIT_ASSERT(info.kind == Kind::FILE && info.link && info.bytes == 4);
        const Location made = roots.locate("directory/new.txt");
        made.tree->write(made.relative, "new", "x", WriteMode::CREATE);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), space.get("deep/new.txt"));
    }

    void linksInsideAreRefusedByTheWalk()
    {
        const Workspace space;
        space.put("deep/a.txt", "text");
        space.link("deep/a.txt", "file");
        space.link("deep", "directory");
        const Roots roots = rootsOf(space.inside(), Confinement::WALK);
        refused(Reason::NOT_ALLOWED, [&] { read(roots, "file"); });
        refused(Reason::NOT_ALLOWED, [&] { read(roots, "directory/a.txt"); });
        CPPUNIT_ASSERT_EQUAL(std::string("text"), read(roots, "deep/a.txt"));
    }

    void linksInTheMiddleOfThePathAreRefused()
    {
        const Workspace space;
        space.put("a/b/c.txt", "c");
        space.link(space.outside(), "a/b/out");
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            refused(Reason::NOT_ALLOWED, [&] { read(roots, "a/b/out/secret.txt"); });
            const Location target = roots.locate("a/b/out/new.txt");
            refused(Reason::NOT_ALLOWED, [&] { target.tree->write(target.relative, "new", "x", WriteMode::CREATE); });
            refused(Reason::NOT_ALLOWED, [&] { target.tree->makeDirectories("a/b/out/made/deep", "made"); });
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(space.outside() + "/new.txt"));
        CPPUNIT_ASSERT(!std::filesystem::exists(space.outside() + "/made"));
    }

    void linksInACircleAreRefused()
    {
        const Workspace space;
        space.link("b", "a");
        space.link("a", "b");
        for (const Confinement how : BOTH)
            refused(Reason::NOT_ALLOWED, [&] { read(rootsOf(space.inside(), how), "a"); });
    }

    void writingThroughALinkIsRefused()
    {
        const Workspace space;
        space.link(space.outside() + "/secret.txt", "out");
        space.link(space.outside() + "/not-there-yet", "dangling");
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            for (const char* name : {"out", "dangling"})
                for (const WriteMode mode : {WriteMode::REPLACE, WriteMode::APPEND})
                    refused(Reason::WRONG_KIND, [&] { roots.locate(name).tree->write(name, name, "x", mode); });
            refused(Reason::NOT_ALLOWED,
                    [&] { roots.locate("dangling").tree->write("dangling", "dangling", "x", WriteMode::CREATE); });
        }
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), space.get("../outside/secret.txt"));
        CPPUNIT_ASSERT(!std::filesystem::exists(space.outside() + "/not-there-yet"));
    }

    void refusalsDoNotTellWhatIsOutside()
    {
        const Workspace space;
        space.link(space.outside() + "/secret.txt", "there");
        space.link(space.outside() + "/nothing.txt", "notThere");
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            const auto messageOf = [&](const char* name)
            {
                const std::string message = refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
                CPPUNIT_ASSERT_MESSAGE(message, !contains(message, "outside/"));
                return message.substr(message.find(" ", message.rfind('/')));
            };
            CPPUNIT_ASSERT_EQUAL(messageOf("there"), messageOf("notThere"));
            const std::string there = refused(Reason::NOT_ALLOWED, [&] { read(roots, "/etc/passwd"); });
            const std::string notThere = refused(Reason::NOT_ALLOWED, [&] { read(roots, "/etc/nothing"); });
            CPPUNIT_ASSERT_EQUAL(there.substr(there.find(' ')), notThere.substr(notThere.find(' ')));
        }
    }

    void magicLinksAreRefused()
    {
#if defined(__linux__)
        const Roots roots = rootsOf("/proc/self");
        for (const char* name : {"cwd/CMakeLists.txt", "root/etc/passwd", "exe"})
            refused(Reason::NOT_ALLOWED, [&] { read(roots, name); });
#endif
    }

    void specialFilesAreRefused()
    {
        const Workspace space;
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(space.path("pipe").c_str(), 0600));
        const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        space.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
        CPPUNIT_ASSERT_EQUAL(0, ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address));
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            for (const char* name : {"pipe", "socket"})
            {
                refused(Reason::WRONG_KIND, [&] { read(roots, name); });
                refused(Reason::WRONG_KIND,
                        [&] { roots.locate(name).tree->write(name, name, "x", WriteMode::REPLACE); });
                CPPUNIT_ASSERT(roots.locate(name).tree->stat(name, name).kind == Kind::OTHER);
            }
            refused(Reason::WRONG_KIND, [&] { read(roots, ""); });
        }
        ::close(socket);
        refused(Reason::WRONG_KIND, [&] { read(rootsOf("/dev"), "null"); });
    }

    /// Another process swaps a directory and a link out, again and again; whatever is read comes from inside.
    void aDirectoryThatBecomesALinkMeanwhileLeadsNowhere()
    {
        const Workspace space;
        space.put("d/secret.txt", "inside");
        space.link(space.outside(), "link");
        for (const Confinement how : BOTH)
        {
            const Roots roots = rootsOf(space.inside(), how);
            std::atomic<bool> done{false};
            std::thread swapper(
                [&]
                {
                    while (!done)
                    {
                        std::filesystem::rename(space.path("d"), space.path("kept"));
                        std::filesystem::rename(space.path("link"), space.path("d"));
                        std::filesystem::rename(space.path("d"), space.path("link"));
                        std::filesystem::rename(space.path("kept"), space.path("d"));
                    }
                });
            std::string wrong;
            for (int i = 0; i < 3000 && wrong.empty(); ++i)
            {
                try
                {
                    const std::string data = read(roots, "d/secret.txt");
                    if (data != "inside")
                        wrong = data;
                }
                catch (const Failure&)
                {
                }
            }
            done = true;
            swapper.join();
            CPPUNIT_ASSERT_EQUAL(std::string(), wrong);
        }
    }

    void withoutRootsNothingIsReached()
    {
        const Roots roots{std::vector<std::string>()};
        for (const char* name : {"", "a", "/etc/passwd", "/"})
            CPPUNIT_ASSERT(
                contains(refused(Reason::NOT_ALLOWED, [&] { roots.locate(name); }), "plugin.filesystem.roots"));
    }

    void theInnermostRootWins()
    {
        const Workspace space;
        space.put("deep/a.txt", "a");
        const Roots roots({space.inside(), space.path("deep")});
        CPPUNIT_ASSERT_EQUAL(std::string("a.txt"), roots.locate(space.path("deep/a.txt")).relative);
        CPPUNIT_ASSERT_EQUAL(std::string("deeper/a.txt"), roots.locate(space.path("deeper/a.txt")).relative);
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { roots.locate("a.txt"); }), space.inside()));
    }

    void aRootThatIsALinkIsKnownByBothNames()
    {
        const Workspace space;
        space.put("../outside/real/a.txt", "a");
        space.link(space.outside() + "/real", "alias");
        const Roots roots({space.path("alias")});
        CPPUNIT_ASSERT_EQUAL(std::string("a"), read(roots, space.path("alias/a.txt")));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), read(roots, space.outside() + "/real/a.txt"));
        refused(Reason::NOT_ALLOWED, [&] { read(roots, space.outside() + "/secret.txt"); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EscapeTest);

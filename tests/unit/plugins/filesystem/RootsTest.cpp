#include "Workspace.h"

#include "filesystem/files/Files.h"
#include "filesystem/watch/Subscriptions.h"

#include <condition_variable>

using namespace tenon::filesystem;

namespace fs = std::filesystem;

/// Roots that are missing, come, go and are replaced.
class RootsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RootsTest);
    CPPUNIT_TEST(theOthersWorkWhileOneIsMissing);
    CPPUNIT_TEST(aMissingRootIsNamed);
    CPPUNIT_TEST(aRootThatIsReplacedIsTheNewOne);
    CPPUNIT_TEST(aLinkThatIsSwitchedLeadsToTheNewRelease);
    CPPUNIT_TEST(subscriptionsFollowTheRoot);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;
    std::vector<std::string> _heard;

    Files files(const std::vector<std::string>& roots)
    {
        Options options;
        options.roots = roots;
        options.writable = true;
        return Files(options,
                     [this](const RootNews& news)
                     {
                         static constexpr const char* NAMES[] = {"missing ", "appeared ", "replaced "};
                         _heard.push_back(NAMES[static_cast<int>(news.what)] + fs::path(news.path).filename().string());
                     });
    }

    static std::string read(const Files& files, const std::string& path) { return files.read(path, {}, {}, {}).data; }

    void theOthersWorkWhileOneIsMissing()
    {
        _space.put("here/a.txt", "a");
        const Files both = files({_space.path("here"), _space.path("later")});
        CPPUNIT_ASSERT_EQUAL(std::string("missing later"), _heard.at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), read(both, _space.path("here/a.txt")));
        const Listing roots = both.list("", 0, 10);
        CPPUNIT_ASSERT(roots.entries.size() == 1 && contains(roots.note.value(), _space.path("later")));
        SearchRequest request;
        request.glob = "*.txt";
        CPPUNIT_ASSERT(contains(both.search("", request, {}, {}).omitted.at(0).why, "later"));

        _space.put("later/b.txt", "b");
        CPPUNIT_ASSERT_EQUAL(std::string("b"), read(both, _space.path("later/b.txt")));
        CPPUNIT_ASSERT_EQUAL(std::string("appeared later"), _heard.at(1));
        CPPUNIT_ASSERT(!both.list("", 0, 10).note);
        fs::remove_all(_space.path("later"));
        refused(Reason::NOT_FOUND, [&] { read(both, _space.path("later/b.txt")); });
        refused(Reason::NOT_FOUND, [&] { read(both, _space.path("later/b.txt")); });
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), _heard.size());
    }

    void aMissingRootIsNamed()
    {
        const Files one = files({_space.path("later")});
        const std::string message = refused(Reason::NOT_FOUND, [&] { one.list("", 0, 10); });
        CPPUNIT_ASSERT_MESSAGE(message, contains(message, _space.path("later")) && contains(message, "does not exist"));
        _space.put("file", "no directory");
        CPPUNIT_ASSERT(!contains(refused(Reason::NOT_FOUND, [&] { files({_space.path("file")}).list("", 0, 10); }),
                                 "does not exist"));
        fs::create_directory(_space.path("later"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), one.list("", 0, 10).total);
    }

    void aRootThatIsReplacedIsTheNewOne()
    {
        _space.put("data/a.txt", "old");
        const Files one = files({_space.path("data")});
        CPPUNIT_ASSERT_EQUAL(std::string("old"), read(one, "a.txt"));
        _space.put("new/a.txt", "new");
        fs::rename(_space.path("data"), _space.path("before"));
        fs::rename(_space.path("new"), _space.path("data"));
        CPPUNIT_ASSERT_EQUAL(std::string("new"), read(one, "a.txt"));
        CPPUNIT_ASSERT_EQUAL(std::string("replaced data"), _heard.at(0));
        one.changes().write({"b.txt", "b", false, WriteMode::CREATE, false});
        CPPUNIT_ASSERT(fs::exists(_space.path("data/b.txt")) && !fs::exists(_space.path("before/b.txt")));
    }

    void aLinkThatIsSwitchedLeadsToTheNewRelease()
    {
        _space.put("release-1/a.txt", "1");
        _space.put("release-2/a.txt", "2");
        _space.link("release-1", "current");
        const Files one = files({_space.path("current")});
        const Excerpt first = one.read("a.txt", {}, {}, {});
        CPPUNIT_ASSERT_EQUAL(std::string("1"), first.data);
        CPPUNIT_ASSERT_EQUAL(_space.path("current/a.txt"), first.path);
        _space.link("release-2", "next");
        fs::rename(_space.path("next"), _space.path("current"));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), read(one, first.path));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), read(one, first.uri));
    }

    void subscriptionsFollowTheRoot()
    {
        _space.put("data/a.txt", "old");
        const Files one = files({_space.path("data")});
        std::mutex mutex;
        std::condition_variable heard;
        std::set<std::string> changed;
        const auto hear = [&](const std::string& uri)
        {
            const std::lock_guard<std::mutex> lock(mutex);
            changed.insert(uri);
            heard.notify_all();
        };
        const std::string uri = one.roots().locate("a.txt").uri;
        const auto waitFor = [&]
        {
            std::unique_lock<std::mutex> lock(mutex);
            const bool came = heard.wait_for(lock, std::chrono::seconds(30), [&] { return changed.count(uri) > 0; });
            changed.clear();
            return came;
        };
        Subscriptions subscriptions(one.roots(), Watcher::makePolling(hear, std::chrono::milliseconds(10)), hear,
                                    std::chrono::milliseconds(10));
        subscriptions.add(uri);
        _space.put("new/a.txt", "new, longer");
        fs::rename(_space.path("data"), _space.path("before"));
        fs::rename(_space.path("new"), _space.path("data"));
        CPPUNIT_ASSERT(waitFor());
        _space.put("data/a.txt", "and again, longer still");
        CPPUNIT_ASSERT(waitFor());
        subscriptions.remove(uri);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RootsTest);

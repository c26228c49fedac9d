#include "Workspace.h"

#include "filesystem/watch/Watcher.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

using namespace tenon::filesystem;

namespace
{

/// What was told, and a way to wait for it.
class News
{
public:
    Watcher::Changed hear()
    {
        return [this](const std::string& uri)
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            ++_told[uri];
            _changed.notify_all();
        };
    }

    int count(const std::string& uri)
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _told[uri];
    }

    /// Until `uri` was told more than `before` times.
    bool wait(const std::string& uri, int before)
    {
        std::unique_lock<std::mutex> lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(20), [&] { return _told[uri] > before; });
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::map<std::string, int> _told;
};

} // namespace

class WatcherTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WatcherTest);
    CPPUNIT_TEST(filesThatChange);
    CPPUNIT_TEST(directoriesThatChange);
    CPPUNIT_TEST(onlyWhatIsWatched);
    CPPUNIT_TEST(theThreadComesAndGoes);
    CPPUNIT_TEST(unwatchingUnderALockThatTheNewsTakes);
    CPPUNIT_TEST(placesThatCannotBeWatched);
    CPPUNIT_TEST_SUITE_END();

    Workspace _space;
    Roots _roots{{_space.inside()}};

    template <class Test>
    void both(Test&& test)
    {
        {
            News news;
            test(*Watcher::make(news.hear()), news);
        }
        std::filesystem::remove_all(_space.inside());
        std::filesystem::create_directory(_space.inside());
        News news;
        test(*Watcher::makePolling(news.hear(), std::chrono::milliseconds(5)), news);
    }

    void filesThatChange()
    {
        both(
            [&](Watcher& watcher, News& news)
            {
                const Location file = _roots.locate("a.txt");
                watcher.watch(file);
                watcher.watch(file);
                int told = news.count(file.uri);
                const auto changed = [&](const char* how)
                {
                    CPPUNIT_ASSERT_MESSAGE(how, news.wait(file.uri, told));
                    told = news.count(file.uri);
                };
                _space.put("a.txt", "1");
                changed("made");
                _space.put("a.txt", "12");
                changed("written");
                _space.put("b.txt", "123");
                std::filesystem::rename(_space.path("b.txt"), _space.path("a.txt"));
                changed("replaced");
                _space.put("a.txt", "1234");
                changed("written after it was replaced");
                std::filesystem::remove(_space.path("a.txt"));
                changed("removed");
            });
    }

    void directoriesThatChange()
    {
        both(
            [&](Watcher& watcher, News& news)
            {
                std::filesystem::create_directory(_space.path("d"));
                const Location directory = _roots.locate("d");
                const Location root = _roots.locate("");
                watcher.watch(directory);
                watcher.watch(root);
                _space.put("d/new", "1");
                CPPUNIT_ASSERT(news.wait(directory.uri, 0));
                _space.put("e", "1");
                CPPUNIT_ASSERT(news.wait(root.uri, 0));
            });
    }

    void onlyWhatIsWatched()
    {
        both(
            [&](Watcher& watcher, News& news)
            {
                const Location a = _roots.locate("a");
                const Location b = _roots.locate("b");
                const Location c = _roots.locate("c");
                watcher.watch(a);
                watcher.watch(b);
                watcher.unwatch(a.uri);
                watcher.unwatch("file:///never/watched");
                _space.put("a", "1");
                _space.put("c", "1");
                _space.put("b", "1");
                CPPUNIT_ASSERT(news.wait(b.uri, 0));
                CPPUNIT_ASSERT_EQUAL(0, news.count(a.uri));
                CPPUNIT_ASSERT_EQUAL(0, news.count(c.uri));
            });
    }

    void theThreadComesAndGoes()
    {
        both(
            [&](Watcher& watcher, News& news)
            {
                const Location file = _roots.locate("a");
                CPPUNIT_ASSERT(!watcher.isRunning());
                for (int i = 0; i < 20; ++i)
                {
                    watcher.watch(file);
                    CPPUNIT_ASSERT(watcher.isRunning());
                    watcher.unwatch(file.uri);
                    CPPUNIT_ASSERT(!watcher.isRunning());
                }
                watcher.watch(file);
                _space.put("a", "1");
                CPPUNIT_ASSERT(news.wait(file.uri, 0));
            });
    }

    /// The server tells its clients under a lock, and takes the same one to end a subscription.
    void unwatchingUnderALockThatTheNewsTakes()
    {
        for (const bool polling : {false, true})
        {
            std::mutex lock;
            std::condition_variable entered;
            bool inNews = false;
            const auto changed = [&](const std::string&)
            {
                std::unique_lock<std::mutex> guard(lock);
                inNews = true;
                entered.notify_all();
            };
            const auto watcher =
                polling ? Watcher::makePolling(changed, std::chrono::milliseconds(1)) : Watcher::make(changed);
            const Location file = _roots.locate("a");
            for (int i = 0; i < 10; ++i)
            {
                watcher->watch(file);
                std::unique_lock<std::mutex> guard(lock);
                inNews = false;
                _space.put("a", std::string(static_cast<std::size_t>(i + 1), 'x'));
                CPPUNIT_ASSERT(entered.wait_for(guard, std::chrono::seconds(20), [&] { return inNews; }));
                watcher->unwatch(file.uri);
            }
        }
    }

    void placesThatCannotBeWatched()
    {
        _space.link("../outside", "out");
        both(
            [&](Watcher& watcher, News&)
            {
                refused(Reason::NOT_FOUND, [&] { watcher.watch(_roots.locate("nothing/a")); });
                if (std::filesystem::is_symlink(_space.path("out")))
                    refused(Reason::NOT_ALLOWED, [&] { watcher.watch(_roots.locate("out/secret.txt")); });
                CPPUNIT_ASSERT(!watcher.isRunning());
            });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WatcherTest);

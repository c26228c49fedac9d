#include "filesystem/tree/Beneath.h"
#include "filesystem/tree/PosixErrors.h"
#include "filesystem/watch/RestartableThread.h"
#include "filesystem/watch/Watcher.h"

#include <cerrno>
#include <map>
#include <mutex>
#include <poll.h>
#include <set>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace tenon::filesystem
{

namespace
{

constexpr std::uint32_t ENTRY_EVENTS = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                       IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/// Watches the directory that an entry lies in, by the entry's name: editors put a new file in the place of the old one,
/// and a watch of the old one would hear nothing more. The directory is watched through a descriptor that was opened
/// beneath its root.
class InotifyWatcher : public Watcher
{
public:
    explicit InotifyWatcher(Changed changed)
        : _changed(std::move(changed)), _inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
          _wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
    {
        if (!_inotify || !_wake)
            throw Failure(Reason::LIMIT, "The operating system allows no more file watchers (fs.inotify).");
    }

    ~InotifyWatcher() override
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _thread.stop();
        }
        wake();
        _thread.stopAndJoin();
    }

    void watch(const Location& location) override
    {
        const std::size_t slash = location.relative.rfind('/');
        const std::string parent = slash == std::string::npos ? std::string() : location.relative.substr(0, slash);
        const std::string name = slash == std::string::npos ? location.relative : location.relative.substr(slash + 1);

        const std::lock_guard<std::mutex> lock(_mutex);
        if (_watched.count(location.uri))
            return;
        Watched watched;
        if (!name.empty())
        {
            watched.parent = add(location, parent);
            watched.name = name;
        }
        try
        {
            if (location.tree->stat(location.relative, location.shown()).kind == Kind::DIRECTORY)
                watched.self = add(location, location.relative);
        }
        catch (const Failure&)
        {
            // It may not exist yet, or be a link that is not followed: its name is watched in any case.
            if (name.empty())
                throw;
        }
        _watched.emplace(location.uri, watched);
        if (!_thread.isRunning())
            _thread.start([this](const std::atomic<bool>& stopping) { run(stopping); });
    }

    void unwatch(const std::string& uri) override
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            const auto found = _watched.find(uri);
            if (found == _watched.end())
                return;
            const Watched watched = found->second;
            _watched.erase(found);
            for (const int wd : {watched.parent, watched.self})
                if (wd >= 0 && !isUsed(wd))
                    ::inotify_rm_watch(_inotify.get(), wd);
            if (!_watched.empty())
                return;
            _thread.stop();
        }
        wake();
    }

    bool isRunning() const override
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _thread.isRunning();
    }

private:
    struct Watched
    {
        int parent = -1; ///< watch descriptors
        int self = -1;
        std::string name;
    };

    int add(const Location& location, const std::string& relative)
    {
        std::shared_ptr<void> keep;
        const std::string path = location.tree->watchablePath(relative, location.shown(), keep);
        const int wd = ::inotify_add_watch(_inotify.get(), path.c_str(), ENTRY_EVENTS);
        if (wd < 0 && errno == ENOSPC)
            throw Failure(Reason::LIMIT,
                          "The operating system allows no more file watches (fs.inotify.max_user_watches).");
        if (wd < 0)
            throw failureOf(errno, location.shown(), "watched");
        return wd;
    }

    bool isUsed(int wd) const
    {
        for (const auto& [uri, watched] : _watched)
            if (watched.parent == wd || watched.self == wd)
                return true;
        return false;
    }

    void wake() const
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(_wake.get(), &one, sizeof one);
    }

    void run(const std::atomic<bool>& stopping)
    {
        using Clock = std::chrono::steady_clock;
        std::set<std::string> pending;
        Clock::time_point due;
        while (!stopping)
        {
            int timeoutMs = -1;
            if (!pending.empty())
            {
                const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
                timeoutMs = static_cast<int>(std::max<long long>(0, left.count()));
            }
            pollfd ready[] = {{_inotify.get(), POLLIN, 0}, {_wake.get(), POLLIN, 0}};
            ::poll(ready, 2, timeoutMs);
            if (stopping)
                break;
            std::uint64_t count = 0;
            if (ready[1].revents && ::read(_wake.get(), &count, sizeof count) < 0 && errno != EAGAIN)
                return;
            if (ready[0].revents)
            {
                if (pending.empty())
                    due = Clock::now() + QUIET;
                readEvents(stopping, pending);
            }
            if (pending.empty() || Clock::now() < due)
                continue;
            for (const std::string& uri : pending)
                if (isWatched(uri) && !stopping)
                    _changed(uri);
            pending.clear();
        }
        // An older thread that is on its way out may have taken its successor's wake-up.
        wake();
    }

    bool isWatched(const std::string& uri) const
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _watched.count(uri) > 0;
    }

    void readEvents(const std::atomic<bool>& stopping, std::set<std::string>& pending)
    {
        // A thread that was stopped must leave the events to its successor; both happens under this lock.
        const std::lock_guard<std::mutex> lock(_mutex);
        alignas(inotify_event) char buffer[16 * 1024];
        ssize_t size = 0;
        while (!stopping && (size = ::read(_inotify.get(), buffer, sizeof buffer)) > 0)
        {
            for (ssize_t at = 0; at < size;)
            {
                const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
                collect(*event, event->len ? std::string(event->name) : std::string(), pending);
            }
        }
    }

    /// Which URIs an event is about. The caller holds _mutex.
    void collect(const inotify_event& event, const std::string& name, std::set<std::string>& pending) const
    {
        constexpr std::uint32_t TO_ITSELF = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED;
        constexpr std::uint32_t ENTRIES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
        for (const auto& [uri, watched] : _watched)
        {
            const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
            const bool named = watched.parent == event.wd && (name == watched.name || (event.mask & TO_ITSELF));
            const bool inside = watched.self == event.wd && (event.mask & (ENTRIES | TO_ITSELF));
            if (overflow || named || inside)
                pending.insert(uri);
        }
    }

    const Changed _changed;
    const Descriptor _inotify;
    const Descriptor _wake;

    mutable std::mutex _mutex; // guards the following
    std::map<std::string, Watched> _watched;
    RestartableThread _thread;
};

} // namespace

std::unique_ptr<Watcher> Watcher::make(Changed changed)
{
    return std::make_unique<InotifyWatcher>(std::move(changed));
}

} // namespace tenon::filesystem

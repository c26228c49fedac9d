#include "filesystem/watch/RestartableThread.h"
#include "filesystem/watch/Watcher.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <tuple>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t MAX_COUNTED = 10'000;

/// What tells one state of an entry from the next.
using State = std::tuple<bool, Kind, std::uint64_t, std::int64_t>;

State stateOf(const Location& location)
{
    try
    {
        Info info = location.tree->stat(location.relative, location.path);
        // Clocks of file systems are coarse: an entry made just after the directory leaves its time as it was.
        if (info.kind == Kind::DIRECTORY)
            info.bytes = location.tree->list(location.relative, location.path, false, MAX_COUNTED).size();
        return {true, info.kind, info.bytes, info.modifiedNs};
    }
    catch (const Failure&)
    {
        return {false, Kind::OTHER, 0, 0};
    }
}

class PollingWatcher : public Watcher
{
public:
    PollingWatcher(Changed changed, std::chrono::milliseconds interval)
        : _changed(std::move(changed)), _interval(interval)
    {
    }

    ~PollingWatcher() override
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _thread.stop();
        }
        _wake.notify_all();
        _thread.stopAndJoin();
    }

    void watch(const Location& location) override
    {
        const std::size_t slash = location.relative.rfind('/');
        location.tree->stat(slash == std::string::npos ? std::string() : location.relative.substr(0, slash),
                            location.shown());
        const State state = stateOf(location);
        const std::lock_guard<std::mutex> lock(_mutex);
        _watched.emplace(location.uri, Watched{location, state});
        if (!_thread.isRunning())
            _thread.start([this](const std::atomic<bool>& stopping) { run(stopping); });
    }

    void unwatch(const std::string& uri) override
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _watched.erase(uri);
            if (_watched.empty())
                _thread.stop();
        }
        _wake.notify_all();
    }

    bool isRunning() const override
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _thread.isRunning();
    }

private:
    struct Watched
    {
        Location location;
        State state;
    };

    void run(const std::atomic<bool>& stopping)
    {
        std::unique_lock<std::mutex> lock(_mutex);
        while (!_wake.wait_for(lock, _interval, [&] { return stopping.load(); }))
        {
            std::map<std::string, Watched> seen = _watched;
            lock.unlock();
            for (auto& [uri, watched] : seen)
            {
                const State state = stateOf(watched.location);
                if (state == watched.state || stopping)
                    continue;
                watched.state = state;
                _changed(uri);
            }
            lock.lock();
            // What is watched now may be watched anew, by a successor of this thread.
            if (stopping)
                return;
            for (const auto& [uri, watched] : seen)
                if (const auto found = _watched.find(uri); found != _watched.end())
                    found->second.state = watched.state;
        }
    }

    const Changed _changed;
    const std::chrono::milliseconds _interval;

    mutable std::mutex _mutex; // guards the following
    std::map<std::string, Watched> _watched;
    std::condition_variable _wake;
    RestartableThread _thread;
};

} // namespace

std::unique_ptr<Watcher> Watcher::makePolling(Changed changed, std::chrono::milliseconds interval)
{
    return std::make_unique<PollingWatcher>(std::move(changed), interval);
}

#if !defined(__linux__)
std::unique_ptr<Watcher> Watcher::make(Changed changed)
{
    return makePolling(std::move(changed), POLL_INTERVAL);
}
#endif

} // namespace tenon::filesystem

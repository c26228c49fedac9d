#include "filesystem/watch/Subscriptions.h"

#include "filesystem/paths/FileUri.h"

namespace tenon::filesystem
{

namespace
{

/// Which directories the roots are now.
std::string stateOf(const Roots& roots)
{
    std::string state;
    for (const Location& root : roots.locations())
    {
        const Identity identity = root.tree->identity();
        state += root.path + ' ' + std::to_string(identity.device) + ' ' + std::to_string(identity.number) + '\n';
    }
    return state;
}

} // namespace

Subscriptions::Subscriptions(const Roots& roots, std::unique_ptr<Watcher> watcher, Watcher::Changed changed,
                             std::chrono::milliseconds interval)
    : _roots(roots), _watcher(std::move(watcher)), _changed(std::move(changed)), _interval(interval)
{
}

Subscriptions::~Subscriptions()
{
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        _thread.stop();
    }
    _wake.notify_all();
    _thread.stopAndJoin();
}

void Subscriptions::watch(const std::string& uri)
{
    Location location = _roots.locate(fromFileUri(uri));
    location.uri = uri;
    _watcher->watch(location);
}

void Subscriptions::add(const std::string& uri)
{
    watch(uri);
    std::string state = stateOf(_roots);
    const std::lock_guard<std::mutex> lock(_mutex);
    _uris.insert(uri);
    if (_thread.isRunning())
        return;
    _seen = std::move(state);
    _thread.start([this](const std::atomic<bool>& stopping) { run(stopping); });
}

void Subscriptions::remove(const std::string& uri)
{
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        _uris.erase(uri);
        if (_uris.empty())
            _thread.stop();
    }
    _wake.notify_all();
    _watcher->unwatch(uri);
}

void Subscriptions::run(const std::atomic<bool>& stopping)
{
    std::unique_lock<std::mutex> lock(_mutex);
    while (!_wake.wait_for(lock, _interval, [&] { return stopping.load(); }))
    {
        lock.unlock();
        checkRoots(stopping);
        lock.lock();
    }
}

void Subscriptions::checkRoots(const std::atomic<bool>& stopping)
{
    std::string state = stateOf(_roots);
    std::set<std::string> uris;
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        if (stopping || state == _seen)
            return;
        _seen = std::move(state);
        uris = _uris;
    }
    for (const std::string& uri : uris)
    {
        // What is watched lies in the directory that was there before.
        _watcher->unwatch(uri);
        try
        {
            watch(uri);
        }
        catch (const Failure&)
        {
            // Not there now: the next change of the roots brings it back.
        }
        if (!stopping)
            _changed(uri);
    }
}

} // namespace tenon::filesystem

#pragma once

#include "filesystem/watch/RestartableThread.h"
#include "filesystem/watch/Watcher.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace tenon::filesystem
{

/// What clients subscribed to, by URI: files may change, and so may the directory that their root is.
///
/// News:      `changed(uri)`, on a thread of its own; also for every URI of a root that went away, came back or was
///            replaced.
/// Threading: any thread.
/// Ownership: borrows `roots`; the destructor waits for what runs.
class Subscriptions
{
public:
    /// `watcher` has to tell `changed`, too.
    Subscriptions(const Roots& roots, std::unique_ptr<Watcher> watcher, Watcher::Changed changed,
                  std::chrono::milliseconds interval = Watcher::POLL_INTERVAL);
    ~Subscriptions();

    /// Errors: Failure.
    void add(const std::string& uri);
    void remove(const std::string& uri);

private:
    void watch(const std::string& uri);
    void run(const std::atomic<bool>& stopping);
    void checkRoots(const std::atomic<bool>& stopping);

    const Roots& _roots;
    const std::unique_ptr<Watcher> _watcher;
    const Watcher::Changed _changed;
    const std::chrono::milliseconds _interval;

    std::mutex _mutex; // guards the following
    std::set<std::string> _uris;
    std::condition_variable _wake;
    RestartableThread _thread;
    std::string _seen; ///< the roots as they were when they were looked at last
};

} // namespace tenon::filesystem

#pragma once

#include "filesystem/paths/Roots.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tenon::filesystem
{

/// Tells when a watched file or directory changes: its contents, its name, that it appears or goes. A directory changes
/// when entries come and go.
///
/// News:      `changed(uri)` on the watcher's thread, at most one per URI and `quietMs`; several changes become one.
/// Links:     a symbolic link is watched itself, not what it leads to.
/// Threading: any thread; never waits for `changed`, so a caller may hold locks that `changed` takes. There is a thread
///            only while something is watched.
/// Ownership: the destructor waits until `changed` has returned; none follows.
class Watcher
{
public:
    using Changed = std::function<void(const std::string& uri)>;

    static constexpr std::chrono::milliseconds QUIET{100};
    static constexpr std::chrono::milliseconds POLL_INTERVAL{1000};

    virtual ~Watcher() = default;

    /// Watching a URI twice is watching it once.
    ///
    /// Errors: Failure: the directory that the file lies in does not exist or may not be read, or the system's limit of
    ///         watches is reached. The file itself need not exist yet.
    virtual void watch(const Location& location) = 0;
    virtual void unwatch(const std::string& uri) = 0;

    virtual bool isRunning() const = 0;

    /// inotify on Linux, elsewhere a look at every watched entry once in POLL_INTERVAL.
    static std::unique_ptr<Watcher> make(Changed changed);
    static std::unique_ptr<Watcher> makePolling(Changed changed, std::chrono::milliseconds interval);
};

} // namespace tenon::filesystem

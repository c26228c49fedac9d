#pragma once

#include <Poco/DirectoryWatcher.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::plugin
{

/// Tells when something in some folders has changed and has then been left alone for a while: a file that is being
/// copied is not yet a change.
///
/// Threading: `changed` is called on a thread of the watcher, never two at a time.
class FolderWatcher
{
public:
    /// Folders that are not there are passed over.
    FolderWatcher(const std::vector<std::string>& folders, std::chrono::milliseconds settle,
                  std::function<void()> changed);
    ~FolderWatcher();
    FolderWatcher(const FolderWatcher&) = delete;
    FolderWatcher& operator=(const FolderWatcher&) = delete;

private:
    void touched(const Poco::DirectoryWatcher::DirectoryEvent& event);
    void run();

    const std::chrono::milliseconds _settle;
    const std::function<void()> _changed;
    std::vector<std::unique_ptr<Poco::DirectoryWatcher>> _watchers;

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    bool _touched = false, _stopping = false;
    std::chrono::steady_clock::time_point _last;

    std::thread _thread;
};

} // namespace tenon::plugin

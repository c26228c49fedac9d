#include "plugin/manager/FolderWatcher.h"

#include "base/threads/ThreadRoot.h"

#include <Poco/Delegate.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <utility>

namespace tenon::plugin
{

namespace
{
constexpr auto LOOK_ANYWAY = std::chrono::seconds(5);
} // namespace

FolderWatcher::FolderWatcher(const std::vector<std::string>& folders, std::chrono::milliseconds settle,
                             std::function<void()> changed)
    : _settle(settle), _changed(std::move(changed))
{
    for (const auto& place : folders)
    {
        if (!Poco::File(place).exists())
            continue;
        // A single library is watched through the folder that has it.
        const std::string folder =
            Poco::File(place).isDirectory() ? place : Poco::Path(place).makeAbsolute().makeParent().toString();
        auto watcher =
            std::make_unique<Poco::DirectoryWatcher>(folder, Poco::DirectoryWatcher::DW_FILTER_ENABLE_ALL, 1);
        for (auto* event : {&watcher->itemAdded, &watcher->itemRemoved, &watcher->itemModified, &watcher->itemMovedFrom,
                            &watcher->itemMovedTo})
            *event += Poco::delegate(this, &FolderWatcher::touched);
        _watchers.push_back(std::move(watcher));
    }
    _thread = std::thread([this] { base::steadyThreadRoot("the watcher of plugin folders", [this] { run(); }); });
}

FolderWatcher::~FolderWatcher()
{
    _watchers.clear();
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        _wake.notify_one();
    }
    _thread.join();
}

void FolderWatcher::touched(const Poco::DirectoryWatcher::DirectoryEvent&)
{
    std::lock_guard lock(_mutex);
    _touched = true;
    _last = std::chrono::steady_clock::now();
    _wake.notify_one();
}

void FolderWatcher::run()
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        // Now and then without a word from the watcher too: it says nothing of what happened before its thread began, and
        // some file systems tell it nothing at all.
        _wake.wait_for(lock, LOOK_ANYWAY, [this] { return _stopping || _touched; });
        while (!_stopping && std::chrono::steady_clock::now() < _last + _settle)
            _wake.wait_until(lock, _last + _settle);
        if (_stopping)
            return;
        _touched = false;
        lock.unlock();
        _changed();
        lock.lock();
    }
}

} // namespace tenon::plugin

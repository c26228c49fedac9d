// Replacing plugins while the server runs.
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/manager/PluginManager.h"

#include <Poco/Exception.h>

#include <set>
#include <thread>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr auto DRAIN_TIMEOUT = std::chrono::seconds(5);

/// Waits until nobody but the caller holds `instance`: then no call is inside, and none can come.
bool drained(const std::shared_ptr<ManagedInstance>& instance)
{
    const auto until = std::chrono::steady_clock::now() + DRAIN_TIMEOUT;
    while (instance.use_count() > 1)
    {
        if (std::chrono::steady_clock::now() > until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace

void PluginManager::rescan()
{
    std::lock_guard lock(_mutex);
    if (_stopped)
        return;
    std::set<std::string> found;
    bool changed = false;
    struct Replaced
    {
        std::string name, version;
        std::shared_ptr<ManagedInstance> before;
    };
    std::vector<Replaced> handovers;
    for (auto& file : findPluginFiles(_settings->list("plugins.directory")))
    {
        found.insert(file.name);
        auto [slot, isNew] = _slots.try_emplace(file.name);
        slot->second.file = file;
        const auto before = slot->second.instance;
        const std::string version = slot->second.entries.version;
        if (isNew)
        {
            prepare(slot->second);
            launch(slot->second, true);
            load(slot->second, nullptr);
            logOfPlugin(file.name, TENON_LOG_NOTICE, "found in " + file.path);
            changed = true;
        }
        else if (replace(slot->second))
        {
            changed = true;
            if (slot->second.startsLater)
                handovers.push_back({file.name, version, before});
        }
    }
    for (auto slot = _slots.begin(); slot != _slots.end();)
    {
        if (found.contains(slot->first))
            ++slot;
        else
        {
            logOfPlugin(slot->first, TENON_LOG_NOTICE, "its file is gone, so are its tools");
            slot = _slots.erase(slot);
            changed = true;
        }
    }
    if (changed)
        publish();
    for (auto& replaced : handovers)
        handOver(_slots.at(replaced.name), std::move(replaced.before), replaced.version);
}

/// Puts the plugin that the slot's file now holds into its place, if it is another one and can be loaded. True if what
/// is to be published has changed.
bool PluginManager::replace(Slot& slot)
{
    if (!slot.config.enabled)
        return false;
    Slot next;
    next.file = slot.file;
    try
    {
        next.image = std::make_shared<LibraryImage>(slot.file.path);
        if (slot.image && next.image->sha256() == slot.image->sha256())
        {
            // The old content is back: what was refused in between is history.
            return !std::exchange(slot.candidateRefusal, std::string()).empty();
        }
        if (next.image->sha256() == slot.refusedSha256)
            return false;
        slot.refusedSha256.clear();
    }
    catch (const Poco::Exception&)
    {
        return false; // gone again, or not yet there: the next change tells
    }
    prepare(next);
    launch(next, true);
    load(next, &slot);
    if (!next.instance && slot.instance && !slot.quarantined)
    {
        slot.candidateRefusal = next.refusal;
        slot.refusedSha256 = next.image->sha256();
        ++slot.failedReloads;
        return true;
    }
    next.reloads = slot.reloads + (next.instance != nullptr);
    next.failedReloads = slot.failedReloads + (next.instance == nullptr);
    slot = std::move(next);
    if (slot.instance)
        logOfPlugin(slot.file.name, TENON_LOG_NOTICE, "replaced by version " + slot.entries.version);
    return true;
}

/// The catalogue has the new instance already, whose calls wait: the old one ends its calls and leaves its state to it.
void PluginManager::handOver(Slot& slot, std::shared_ptr<ManagedInstance> before, const std::string& version)
{
    slot.startsLater = false;
    Handover handover{version, {}};
    const bool empty = drained(before);
    if (empty)
        handover.state = before->stopAndSave();
    else
        logOfPlugin(slot.file.name, TENON_LOG_WARNING, "its predecessor still has calls: its state is not handed over");
    before.reset();
    try
    {
        slot.instance->start(empty ? &handover : nullptr);
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
        slot.instance.reset();
        slot.entries = {};
        publish();
    }
}

} // namespace tenon::plugin

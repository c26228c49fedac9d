#pragma once

#include "base/limits/Budget.h"
#include "base/settings/Settings.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/manager/PluginSlot.h"

#include <cstddef>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// Brings plugins from their files to where they can be called. What is wrong with one is its refusal, never an error.
///
/// Threading: one thread at a time.
class PluginLoader
{
public:
    /// Shape: as `PluginManager`'s constructor; `budget` counts what workers make the server hold, null: nothing does.
    PluginLoader(base::SettingsPtr settings, std::size_t defaultMaxConcurrent, std::string executable,
                 std::shared_ptr<PluginThreads> threads, base::Budget* budget);

    /// Reads a slot's file, and what the settings say of it.
    void prepare(PluginSlot& slot) const;

    /// Starts the worker that a prepared slot needs, or is to be tried in, and does not wait for it.
    void launch(PluginSlot& slot, bool probeInWorker) const;

    /// Tries the libraries that are to be loaded into this process in a copy of it, which is far quicker than a worker for
    /// each, but safe only as long as the process has just begun.
    void probeAll(PluginSlots& slots) const;

    /// Loads a slot that was prepared and launched, up to its offer; `start` is due.
    ///
    /// Shape: `before` is the slot it replaces, or null.
    void load(PluginSlot& slot, const PluginSlot* before) const;

    /// Starts what was loaded, unless it waits for its predecessor.
    void start(PluginSlot& slot, const Handover* before = nullptr) const;

    /// All of it for a file that has come while the server runs.
    void bringUp(PluginSlot& slot, const PluginSlot* before) const;

private:
    void checkLock(PluginSlot& slot) const;
    static void refuse(PluginSlot& slot, const std::exception& why);

    const base::SettingsPtr _settings;
    const std::size_t _defaultMaxConcurrent;
    const std::string _executable;
    const std::shared_ptr<PluginThreads> _threads;
    base::Budget* const _budget;
};

} // namespace tenon::plugin

#pragma once

#include "base/Settings.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/catalogue/Catalogue.h"
#include "plugin/catalogue/OfferReader.h"
#include "plugin/catalogue/SharedCatalogue.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/manager/FolderWatcher.h"
#include "plugin/manager/PluginFiles.h"
#include "plugin/process/Library.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// How one plugin file fares, for `/stats`, `/ready` and the log.
struct PluginStatus
{
    std::string name;
    std::string file;
    std::string version; ///< of its manifest; empty if it was refused
    std::string sha256;
    std::string isolation;                        ///< "none", "process"
    std::string state;                            ///< "running", "restarting", "quarantined", "refused", "disabled"
    std::string reason;                           ///< why it is refused or quarantined
    std::uint64_t reloads = 0, failedReloads = 0; ///< of changed files
    std::size_t tools = 0, resources = 0, templates = 0, prompts = 0;
    InstanceStatus instance;
};

/// Loads the plugins of the settings' folders and keeps the catalogue of what they offer.
///
/// Threading: any thread; `start` and `stop` once, by the owner.
class PluginManager final : public CatalogueSource, public InstanceOwner
{
public:
    /// Shape: `defaultMaxConcurrent` is how many calls of one plugin may hold a thread where the settings do not say;
    ///        0 is no limit. `executable` is a program whose `main` begins with `runWorker` ("/proc/self/exe"); without
    ///        one there are no workers: isolation is refused, and new files are not probed while the server runs.
    explicit PluginManager(base::SettingsPtr settings, std::size_t defaultMaxConcurrent = 0,
                           std::string executable = {});
    ~PluginManager() override;
    PluginManager(const PluginManager&) = delete;
    PluginManager& operator=(const PluginManager&) = delete;

    /// Loads what the folders hold and publishes the catalogue. What cannot be loaded is refused, the rest starts.
    ///
    /// Errors: none for plugins; Poco::FileException if a folder is there but cannot be read.
    void start();

    /// Looks at the folders again: loads what is new or has changed, drops what is gone, and publishes the catalogue
    /// once. A changed file replaces its plugin only if it can be loaded and started; running calls end on the old one.
    /// Called by the watcher if `plugins.reload` is set.
    void rescan();

    /// Takes everything out of the catalogue and ends the plugins, waiting for running calls. Plugins that calls still
    /// hold after `timeout` are left as they are.
    void stop(std::chrono::milliseconds timeout = std::chrono::seconds(5));

    [[nodiscard]] CataloguePtr current() const override { return _current.get(); }
    void addListener(CatalogueListener& listener) override;
    void removeListener(CatalogueListener& listener) override;

    /// What was not taken into the current catalogue.
    [[nodiscard]] std::vector<Refusal> refusals() const;

    /// Every plugin file found, by name.
    [[nodiscard]] std::vector<PluginStatus> status() const;

    /// Whether a call is inside a plugin in this process now: it holds a thread that cannot be joined before.
    [[nodiscard]] bool hasCallsInside() const;

    void listChanged(const std::string& plugin) override;
    void resourceUpdated(std::string_view uri) override;
    void quarantined(const std::string& plugin, const std::string& reason) override;

private:
    struct Slot
    {
        PluginFile file;
        PluginConfig config;
        std::shared_ptr<LibraryImage> image;
        std::shared_ptr<ManagedInstance> probe;    ///< a worker that tries the library, while it is being loaded
        std::shared_ptr<ManagedInstance> instance; ///< null: refused or disabled
        std::shared_ptr<PluginLimit> limit;
        Entries entries;
        std::string refusal;
        std::string candidateRefusal; ///< why the file's new content was not taken
        std::string refusedSha256;    ///< of that content
        std::uint64_t reloads = 0, failedReloads = 0;
        bool quarantined = false;
        bool startsLater = false; ///< has still to take over its predecessor's state
    };

    void prepare(Slot& slot);
    void launch(Slot& slot, bool probeInWorker);
    void probeAll();
    void load(Slot& slot, const Slot* before);
    void checkLock(const Slot& slot);
    bool replace(Slot& slot);
    void handOver(Slot& slot, std::shared_ptr<ManagedInstance> before, const std::string& version);
    void reread(const std::string& plugin);
    void publish();
    // Constant after construction, or synchronised by themselves.
    const base::SettingsPtr _settings;
    const std::size_t _defaultMaxConcurrent;
    const std::string _executable;
    const std::shared_ptr<PluginThreads> _threads;
    SharedCatalogue _current;
    std::unique_ptr<FolderWatcher> _watcher;

    std::mutex _mutex; // held while plugins are loaded or asked for lists; guards:
    std::map<std::string, Slot> _slots;
    bool _stopped = false;

    mutable std::mutex _reportMutex; // guards:
    std::vector<Refusal> _refusals;
    std::vector<std::pair<PluginStatus, std::shared_ptr<ManagedInstance>>> _report;

    std::mutex _rereadMutex; // guards:
    std::map<std::string, bool> _rereadPending;

    std::mutex _listenerMutex; // held while listeners are told; guards:
    std::vector<CatalogueListener*> _listeners;
};

} // namespace tenon::plugin

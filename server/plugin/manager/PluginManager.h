#pragma once

#include "base/limits/Budget.h"
#include "base/settings/Settings.h"
#include "plugin/attach/Attachments.h"
#include "plugin/catalogue/Catalogue.h"
#include "plugin/manager/CataloguePublisher.h"
#include "plugin/manager/FolderWatcher.h"
#include "plugin/manager/PluginLoader.h"
#include "plugin/manager/PluginSlot.h"
#include "plugin/manager/PluginStatus.h"
#include "plugin/upstream/Upstreams.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The plugins of the settings' folders: which there are, and which of them is to be called now.
///
/// Threading: any thread; `start` and `stop` once, by the owner.
class PluginManager final : public CatalogueSource, public InstanceOwner, private LentPlugins
{
public:
    /// Shape: `defaultMaxConcurrent` is how many calls of one plugin may hold a thread where the settings do not say;
    ///        0 is no limit. `executable` is a program whose `main` begins with `runWorker` ("/proc/self/exe"); without
    ///        one there are no workers: isolation is refused, and new files are not probed while the server runs.
    ///        `budget` counts what workers make this process hold; null: nothing does.
    explicit PluginManager(base::SettingsPtr settings, std::size_t defaultMaxConcurrent = 0,
                           std::string executable = {}, base::Budget* budget = nullptr);
    ~PluginManager() override;
    PluginManager(const PluginManager&) = delete;
    PluginManager& operator=(const PluginManager&) = delete;

    /// Loads what the folders hold and publishes the catalogue, and lets programs attach. What cannot be loaded is
    /// refused, the rest starts; what does not return from its start within `plugins.loadTimeoutMs` has failed.
    ///
    /// Errors: SettingsException for settings that a plugin does not know or cannot use; else none for plugins;
    ///         Poco::FileException if a folder is there but cannot be read; LoadException if programs are to attach and
    ///         cannot.
    void start();

    /// Looks at the folders again: loads what is new or has changed, drops what is gone, and publishes the catalogue
    /// once. A changed file replaces its plugin only if it can be loaded and started; running calls end on the old one.
    /// Called by the watcher if `plugins.reload` is set.
    void rescan();

    /// Brings up servers behind this one as `settings` name them now, ends those that they name no more. Returns before
    /// they are there.
    ///
    /// Errors: SettingsException, with nothing changed.
    void applyUpstreams(const base::SettingsPtr& settings);

    /// Replaces a plugin by a fresh instance of the library it has, whatever became of the old one; calls inside end
    /// there. Lifts a quarantine.
    ///
    /// Errors:    Poco::NotFoundException if there is no such plugin; Poco::Exception, for the operator, if it cannot be
    ///            loaded or started: the old one stays if it works.
    /// Threading: waits for the plugin, `plugins.loadTimeoutMs` at most for each of its steps.
    void restart(const std::string& name);

    /// Likewise with the library as its file is now.
    void reload(const std::string& name);

    /// Takes everything out of the catalogue and ends the plugins, waiting for running calls. Plugins that calls still
    /// hold after `timeout`, or that do not end, are left as they are: false then, and their threads run on.
    bool stop(std::chrono::milliseconds timeout = std::chrono::milliseconds(3500));

    [[nodiscard]] CataloguePtr current() const override { return _publisher.current(); }
    void addListener(CatalogueListener& listener) override { _publisher.addListener(listener); }
    void removeListener(CatalogueListener& listener) override { _publisher.removeListener(listener); }

    /// What was not taken into the current catalogue.
    [[nodiscard]] std::vector<Refusal> refusals() const { return _publisher.refusals(); }

    /// Every plugin file found, by name.
    [[nodiscard]] std::vector<PluginStatus> status() const { return _publisher.status(); }

    /// Whether a call is inside a plugin in this process now: it holds a thread that cannot be joined before.
    [[nodiscard]] bool hasCallsInside() const { return _publisher.hasCallsInside(); }

    void listChanged(const std::string& plugin) override;
    void resourceUpdated(std::string_view uri) override { _publisher.resourceUpdated(uri); }
    void quarantined(const std::string& plugin, const std::string& reason) override;

private:
    void admit(const std::shared_ptr<ManagedInstance>& instance, const std::shared_ptr<PluginLimit>& limit) override;
    void admitUpstreams(const std::vector<Upstream>& upstreams) override;
    void dismiss(const std::string& name) override;

    /// What a new instance has to take over.
    struct Legacy
    {
        std::string name, version;
        std::shared_ptr<ManagedInstance> before;
    };

    void startAll();
    void loadAll();
    void lend(const std::shared_ptr<ManagedInstance>& instance, PluginSlot slot);
    void checkSettings() const;
    bool replaceIfChanged(PluginSlot& slot, std::vector<Legacy>& legacies);
    void replace(const std::string& name, bool readFile);
    void take(PluginSlot& slot, PluginSlot next, std::vector<Legacy>& legacies);
    void handOver(Legacy legacy);
    void reread(const std::string& plugin);

    // Constant after construction, or synchronised by themselves.
    const base::SettingsPtr _settings;
    const std::shared_ptr<PluginThreads> _threads;
    const PluginLoader _loader;
    CataloguePublisher _publisher;
    std::unique_ptr<FolderWatcher> _watcher;

    std::mutex _mutex; // held while plugins are loaded or asked for lists; guards:
    PluginSlots _slots;
    bool _stopped = false;

    std::mutex _rereadMutex; // guards:
    std::map<std::string, bool> _rereadPending;

    base::Budget* const _budget;
    const std::size_t _defaultMaxConcurrent;
    std::shared_ptr<Upstreams> _upstreams;     ///< set by `start`
    std::unique_ptr<Attachments> _attachments; ///< last: it comes to this from its own threads
};

} // namespace tenon::plugin

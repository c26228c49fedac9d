#pragma once

#include "base/settings/Settings.h"
#include "plugin/attach/Attachments.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/upstream/UpstreamInstance.h"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::plugin
{

/// The servers behind this one, as the settings name them.
///
/// Threading: any thread.
class Upstreams
{
public:
    /// Ownership: borrows `lent`.
    Upstreams(LentPlugins& lent, std::shared_ptr<PluginThreads> threads, std::size_t defaultMaxConcurrent);
    ~Upstreams();
    Upstreams(const Upstreams&) = delete;
    Upstreams& operator=(const Upstreams&) = delete;

    /// Brings up what the settings name, ends what they name no more, and begins anew what they say otherwise. Waits for
    /// servers that are new until they are connected, or `plugins.loadTimeoutMs` have passed: those come when they come.
    ///
    /// Errors: SettingsException, with nothing changed, if a server's settings cannot be used.
    void apply(const base::Settings& settings);

    /// Looks whether settings can be used. Errors: SettingsException.
    static void check(const base::Settings& settings, std::size_t defaultMaxConcurrent);

    /// Nothing is brought up or looked after any more.
    void stop();

private:
    struct Known
    {
        std::string fingerprint;
        std::shared_ptr<UpstreamInstance> instance;
    };

    void look();
    [[nodiscard]] std::shared_ptr<UpstreamInstance> make(UpstreamConfig config);
    void connectAll(const std::vector<std::shared_ptr<UpstreamInstance>>& fresh, std::chrono::milliseconds patience);

    LentPlugins& _lent;
    const std::shared_ptr<PluginThreads> _threads;
    const std::size_t _defaultMaxConcurrent;

    std::mutex _applying; ///< held while settings are applied

    std::mutex _mutex; // guards all below
    std::map<std::string, Known> _known;
    base::Timers::Id _looking = 0; ///< 0: no server, or stopped
    bool _stopped = false;
};

} // namespace tenon::plugin

#pragma once

#include "base/limits/Budget.h"
#include "base/settings/Settings.h"
#include "plugin/call/ManagedInstance.h"
#include "plugin/call/PluginLimit.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/config/PluginConfig.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// Whoever lists what attached programs offer.
///
/// Threading: any thread.
class LentPlugins
{
public:
    virtual ~LentPlugins() = default;

    /// Lists what the instance offers, under its name.
    ///
    /// Shape:  `limit` counts what is inside the plugin, by whatever way it enters.
    /// Errors: LoadException, in words, if the name is taken or the offer is none.
    virtual void admit(const std::shared_ptr<ManagedInstance>& instance, const std::shared_ptr<PluginLimit>& limit) = 0;

    /// A server behind this one.
    struct Upstream
    {
        std::shared_ptr<ManagedInstance> instance;
        PluginConfig config;                ///< how its offer is listed
        std::shared_ptr<PluginLimit> limit; ///< what lets its calls in
    };

    /// Lists what they offer, each in the place of what is listed under its name if that is a server behind this one, too.
    /// All at once: clients are told once, and the catalogue is made once. One that cannot be listed is left out, and the
    /// log says why.
    virtual void admitUpstreams(const std::vector<Upstream>& upstreams) = 0;

    /// Takes it out of the list.
    virtual void dismiss(const std::string& name) = 0;
};

/// The way in for programs that lend their tools: open from its construction to its end.
class Attachments
{
public:
    virtual ~Attachments() = default;
};

/// Opens it if the settings want it; else null.
///
/// Shape:     `defaultMaxConcurrent` as for plugins.
/// Errors:    LoadException if the socket cannot be made, or programs cannot attach on this system.
/// Ownership: borrows `lent` and `budget` (may be null).
[[nodiscard]] std::unique_ptr<Attachments> openAttachments(const base::SettingsPtr& settings, LentPlugins& lent,
                                                           const std::shared_ptr<PluginThreads>& threads,
                                                           base::Budget* budget, std::size_t defaultMaxConcurrent);

} // namespace tenon::plugin

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

    /// Likewise for a server behind this one, in the place of what is listed under its name, if that is one too.
    ///
    /// Shape:  `config` says how its offer is listed; `limit` is what lets its calls in.
    /// Errors: as `admit`.
    virtual void admitUpstream(const std::shared_ptr<ManagedInstance>& instance, const PluginConfig& config,
                               const std::shared_ptr<PluginLimit>& limit) = 0;

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

#pragma once

#include "base/limits/Budget.h"
#include "base/metrics/Metrics.h"
#include "base/settings/Settings.h"
#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "mcp/Services.h"
#include "mcp/dispatch/Dispatcher.h"
#include "ops/live/LiveFeed.h"
#include "ops/live/OperationFan.h"
#include "ops/telemetry/SpanExporter.h"
#include "ops/telemetry/Tracing.h"
#include "plugin/manager/PluginManager.h"
#include "store/ArchivedEventStore.h"
#include "store/Backing.h"
#include "store/MemoryEventStore.h"
#include "store/MemoryTaskStore.h"
#include "store/SharedQuotas.h"

#include <cstddef>
#include <memory>

namespace tenon::app
{

/// Plugins and the protocol: what every transport serves.
///
/// Shape:     members in the order of their construction; destroyed in the reverse, after `stop` has ended what they do.
/// Threading: `startPlugins` and `stop` by the owner; the rest any thread.
class Core
{
public:
    /// Shape: `maxThreads` is how many threads serve; two of them are always left for other plugins' calls.
    Core(const base::SettingsPtr& settings, std::size_t maxThreads);

    /// Makes the dispatcher, unless there is one: before the plugins for who serves while they load, else after them,
    /// so that the first client is not told that lists have changed.
    void startProtocol();

    /// Loads what the folders hold, and says what they gave.
    void startPlugins(const base::Settings& settings);

    /// Waits for calls that have their answer and still hold a thread, a moment at most, and ends all sessions. False
    /// if calls are left that do not end.
    bool quiet();

    /// Ends threads, protocol and plugins. After `quiet`, once nobody hands in messages. False if something is left that does
    /// not end: plugins, or traces that the collector does not take.
    bool stop();

    base::Budget budget; ///< of all that peers make the server hold
    base::MetricsRegistry metrics;
    base::Timers timers;
    base::Executor executor;
    store::MemoryEventStore events;
    store::MemoryTaskStore tasks;
    const std::unique_ptr<store::Backing> backing;                   ///< null: memory only, one instance
    const std::unique_ptr<store::ArchivedEventStore> archivedEvents; ///< in front of `events`, where there is a backing
    const std::unique_ptr<store::SharedQuotas> quotas; ///< counted with other instances; null: there are none
    plugin::PluginManager plugins;
    ops::LiveFeed live;
    std::unique_ptr<ops::SpanExporter> spans; ///< null: no collector is set; likewise `tracing`
    std::unique_ptr<ops::Tracing> tracing;
    ops::OperationFan operations;
    mcp::Services services;
    std::unique_ptr<mcp::Dispatcher> dispatcher; ///< null before `startProtocol` and after `stop`
};

} // namespace tenon::app

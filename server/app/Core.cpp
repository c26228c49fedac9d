#include "app/Core.h"

#include "app/Settings.h"
#include "app/process/Memory.h"
#include "base/text/RandomId.h"
#include "base/threads/SteadyClock.h"
#include "ops/Settings.h"
#include "plugin/worker/process/WorkerProcess.h"
#include "store/Settings.h"

#include <Poco/Crypto/OpenSSLInitializer.h>
#include <Poco/File.h>
#include <Poco/Logger.h>
#include <Poco/String.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace tenon::app
{

namespace
{

using namespace std::chrono_literals;

/// Memory that became free is given back within this time.
constexpr auto BETWEEN_RETURNS = 10s;
constexpr auto BETWEEN_RESERVATIONS = 500ms;

/// For calls that have their answer to give their thread back, before the end.
constexpr auto RETURN_PATIENCE = 500ms;
constexpr auto LAST_TRACES = 1000ms; // for a collector to take them

std::size_t sizeSetting(const base::Settings& settings, std::string_view key)
{
    return static_cast<std::size_t>(settings.integer(key));
}

/// Calls of one plugin that may hold a thread: two threads are always left for everybody else.
std::size_t callsPerPlugin(std::size_t maxThreads)
{
    return maxThreads > 3 ? maxThreads - 2 : 1;
}

std::unique_ptr<ops::SpanExporter> exporterFor(const ops::Settings& settings, base::MetricsRegistry& metrics)
{
    if (settings.collector.empty())
        return nullptr;
    return std::make_unique<ops::SpanExporter>(
        ops::TelemetrySource{settings.serverName, TENON_VERSION, base::randomId()},
        ops::SpanExporter::over({settings.collector, settings.collectorHeaders}), metrics);
}

/// Says what the folders gave. One that is not there is a slip more often than not.
void reportPlugins(const plugin::PluginManager& plugins, const base::Settings& settings)
{
    auto& log = Poco::Logger::get("tenon.app");
    const auto folders = settings.list("plugins.directory");
    for (const auto& folder : folders)
        if (!Poco::File(folder).exists())
            log.warning("plugins.directory: no such folder: " + folder);
    const auto all = plugins.status();
    const auto taken = std::count_if(all.begin(), all.end(),
                                     [](const plugin::PluginStatus& plugin)
                                     { return plugin.state != "refused" && plugin.state != "disabled"; });
    log.information(std::to_string(taken) + " plugins with " + std::to_string(plugins.current()->tools.size()) +
                    " tools from " + Poco::cat(std::string(", "), folders.begin(), folders.end()));
}

} // namespace

Core::Core(const base::SettingsPtr& settings, std::size_t maxThreads)
    : budget(Settings::read(*settings).memoryBytes), executor(maxThreads),
      events(sizeSetting(*settings, "limits.streamEvents"), sizeSetting(*settings, "limits.streamEventBytes"), &budget),
      tasks(sizeSetting(*settings, "limits.maxTasks")), backing(store::Backing::open(store::Settings::read(*settings))),
      archivedEvents(backing ? std::make_unique<store::ArchivedEventStore>(events, backing->archive(),
                                                                           settings->integer("timeouts.sessionMs"))
                             : nullptr),
      quotas(backing && backing->limits() ? std::make_unique<store::SharedQuotas>(*backing->limits()) : nullptr),
      plugins(settings, callsPerPlugin(maxThreads), plugin::ownExecutable(), &budget),
      spans(exporterFor(ops::Settings::read(*settings), metrics)),
      tracing(spans ? std::make_unique<ops::Tracing>(*spans, ops::Settings::read(*settings).traceRatio) : nullptr),
      operations(live, tracing.get()), services{plugins,
                                                executor,
                                                timers,
                                                metrics,
                                                archivedEvents ? static_cast<store::EventStore&>(*archivedEvents)
                                                               : events,
                                                tasks,
                                                mcp::Options::read(*settings),
                                                &operations,
                                                &budget}
{
    // POCO sets OpenSSL up with the first of its objects and takes it down with the last, not for several threads at once:
    // here there is always one.
    static const Poco::Crypto::OpenSSLInitializer crypto;
    const auto stored = store::Settings::read(*settings);
    if (backing)
    {
        services.instance = backing->instance();
        services.archive = &backing->archive();
        services.bus = backing->bus();
        services.quotas = quotas.get();
        backing->start();
        if (services.options.requestStateKey.empty())
            services.options.requestStateKey = backing->secret();
    }
    else if (!stored.instance.empty())
        services.instance = store::InstanceId::make(stored.instance);
    timers.every(BETWEEN_RETURNS, [] { returnFreeMemory(); });
    if (quotas)
        timers.every(BETWEEN_RESERVATIONS, [this] { quotas->tick(base::steadyMs()); });
}

void Core::startProtocol()
{
    if (!dispatcher)
        dispatcher = std::make_unique<mcp::Dispatcher>(services);
}

void Core::startPlugins(const base::Settings& settings)
{
    plugins.start();
    reportPlugins(plugins, settings);
}

bool Core::quiet()
{
    // A call that has its answer may still hold a thread, which could not be joined; most come back soon.
    const auto until = std::chrono::steady_clock::now() + RETURN_PATIENCE;
    while (plugins.hasCallsInside() && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    const bool idle = (!dispatcher || dispatcher->callsInFlight() == 0) && !plugins.hasCallsInside();
    if (dispatcher)
        dispatcher->endAllSessions(services.options.streamRetryMs);
    return idle;
}

bool Core::stop()
{
    executor.stop();
    timers.stop();
    if (backing)
        backing->stop();
    dispatcher.reset();
    const bool ended = plugins.stop();
    return (!spans || spans->stop(LAST_TRACES)) && ended;
}

} // namespace tenon::app

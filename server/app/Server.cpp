#include "app/Server.h"

#include "app/Logging.h"
#include "app/OperatorViews.h"
#include "app/ServiceManager.h"
#include "base/Executor.h"
#include "base/Metrics.h"
#include "base/Timers.h"
#include "guard/Gate.h"
#include "mcp/Services.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/front/GateAdmission.h"
#include "net/front/HandlerEndpoint.h"
#include "net/front/HttpFront.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/SseTransport.h"
#include "net/stdio/StdioServer.h"
#include "ops/HealthHandlers.h"
#include "ops/Operations.h"
#include "plugin/manager/PluginManager.h"
#include "plugin/worker/Workers.h"
#include "store/MemoryEventStore.h"
#include "store/MemoryTaskStore.h"

#include <Poco/File.h>
#include <Poco/Logger.h>
#include <Poco/String.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <thread>

namespace tenon::app
{

namespace
{

Poco::Logger& logger()
{
    return Poco::Logger::get("tenon.app");
}

std::size_t sizeSetting(const base::Settings& settings, std::string_view key)
{
    return static_cast<std::size_t>(settings.integer(key));
}

/// For calls that have their answer to give their thread back, before the end.
constexpr Poco::Timestamp::TimeDiff RETURN_PATIENCE_US = 500'000;

/// Calls of one plugin that may hold a thread: two threads are always left for everybody else.
std::size_t callsPerPlugin(const net::NetSettings& settings)
{
    return settings.maxThreads > 3 ? settings.maxThreads - 2 : 1;
}

/// Says what the folders gave. One that is not there is a slip more often than not.
void reportPlugins(const plugin::PluginManager& plugins, const base::Settings& settings)
{
    const auto folders = settings.list("plugins.directory");
    for (const auto& folder : folders)
        if (!Poco::File(folder).exists())
            logger().warning("plugins.directory: there is no folder " + folder);
    const auto all = plugins.status();
    const auto taken = std::count_if(all.begin(), all.end(),
                                     [](const plugin::PluginStatus& plugin)
                                     { return plugin.state != "refused" && plugin.state != "disabled"; });
    logger().information(std::to_string(taken) + " plugins with " + std::to_string(plugins.current()->tools.size()) +
                         " tools from " + Poco::cat(std::string(", "), folders.begin(), folders.end()));
}

} // namespace

/// In the order of their making; destroyed in the reverse, after `stop` has ended what they do.
struct Server::Parts
{
    explicit Parts(const base::SettingsPtr& settings)
        : http(*settings), executor(http.maxThreads),
          events(sizeSetting(*settings, "limits.streamEvents"), sizeSetting(*settings, "limits.streamEventBytes")),
          tasks(sizeSetting(*settings, "limits.maxTasks")),
          plugins(settings, callsPerPlugin(http), plugin::ownExecutable()),
          services{plugins, executor, timers, metrics, events, tasks, mcp::Options::read(*settings)},
          status(plugins, http, settings->list("plugins.required"))
    {
    }

    const net::NetSettings http;
    base::MetricsRegistry metrics;
    base::Timers timers;
    base::Executor executor;
    store::MemoryEventStore events;
    store::MemoryTaskStore tasks;
    plugin::PluginManager plugins;
    mcp::Services services;
    std::unique_ptr<guard::Gate> gate;
    std::unique_ptr<net::GateAdmission> admission;
    std::unique_ptr<AccessLogger> accessLog;
    std::unique_ptr<net::HttpFront> front; // outlives the dispatcher: calls hold its exchanges
    std::unique_ptr<mcp::Dispatcher> dispatcher;
    ServerStatus status;
    std::unique_ptr<DispatcherSessions> sessions;
    std::unique_ptr<ops::Operations> operations;
    std::shared_ptr<net::SseTransport> sse;
    base::Timers::Id watchdog = 0;
    bool stopped = false;
};

Server::Server(base::SettingsPtr settings, Mode mode)
    : _settings(std::move(settings)), _mode(mode), _parts(std::make_unique<Parts>(_settings))
{
}

Server::~Server()
{
    if (!_parts->stopped)
        stop();
}

void Server::start()
{
    auto& parts = *_parts;
    parts.plugins.start();
    reportPlugins(parts.plugins, *_settings);
    parts.dispatcher = std::make_unique<mcp::Dispatcher>(parts.services);
    if (_mode == Mode::STDIO)
        return;

    const auto bind = net::bindOf(parts.http);
    guard::checkBind(*_settings, bind);
    parts.gate = std::make_unique<guard::Gate>(*_settings, bind);
    parts.admission = std::make_unique<net::GateAdmission>(*parts.gate);
    net::Router::Ptr router(new net::Router);
    std::shared_ptr<net::Endpoint> plainGet;
    for (const std::string& name : parts.http.sseProfiles)
        if (const auto* profile = net::findSseProfile(name); profile != nullptr && profile->healthAtEndpoint)
            plainGet = std::make_shared<net::HandlerEndpoint>(
                [&parts] { return std::make_unique<ops::HealthHandler>(parts.status); });
    router->add(parts.http.mcpPath, {net::Route::GET | net::Route::POST | net::Route::DELETE_,
                                     guard::Area::ENDPOINT,
                                     true,
                                     std::make_shared<net::McpEndpoint>(*parts.dispatcher, std::move(plainGet)),
                                     {}});
    parts.sse = std::make_shared<net::SseTransport>(*parts.dispatcher, parts.executor, parts.http);
    parts.sse->addTo(*router);
    parts.sessions = std::make_unique<DispatcherSessions>(*parts.dispatcher);
    parts.operations =
        std::make_unique<ops::Operations>(*_settings, parts.status, *parts.sessions, parts.metrics, *parts.gate);
    parts.operations->addTo(*router);
    for (const std::string& name : parts.http.sseProfiles)
    {
        const auto* profile = net::findSseProfile(name); // there is one: SseTransport has looked
        if (!profile->statsPath.empty())
            parts.operations->addStats(*router, std::string(profile->statsPath));
        if (!profile->broadcastPath.empty())
            parts.operations->addBroadcast(*router, std::string(profile->broadcastPath));
    }
    const auto inherited = service_manager::inheritedSocket();
    parts.front =
        inherited ? std::make_unique<net::HttpFront>(parts.http, router, *parts.admission, parts.timers, parts.metrics,
                                                     *inherited)
                  : std::make_unique<net::HttpFront>(parts.http, router, *parts.admission, parts.timers, parts.metrics);
    parts.accessLog = std::make_unique<AccessLogger>(*_settings);
    if (parts.accessLog->on())
        parts.front->setAccessListener(parts.accessLog.get());
    parts.front->start();
    parts.status.enter(ops::StatusSource::Phase::RUNNING);
    logger().information("Listening on " + url());
    service_manager::notify("READY=1\nSTATUS=Listening on " + url());
    if (const long interval = service_manager::watchdogMs(); interval > 0)
        parts.watchdog =
            parts.timers.every(std::chrono::milliseconds(interval), [] { service_manager::notify("WATCHDOG=1"); });
}

void Server::serveStdio(net::ProtocolDescriptors descriptors)
{
    auto& parts = *_parts;
    // Whoever started this process is its one user: the protocol has no authentication over stdio.
    auto principal = std::make_shared<base::Principal>();
    principal->id = principal->name = "anonymous";
    principal->type = "master";
    net::StdioServer server(*parts.dispatcher, parts.executor, std::move(descriptors), std::move(principal),
                            parts.http.maxMessageBytes);
    server.run(std::chrono::milliseconds(_settings->integer("timeouts.drainMs")));
}

std::string Server::url() const
{
    if (!_parts->front)
        return {};
    const auto& http = _parts->http;
    const bool bare = http.host.find(':') == std::string::npos;
    return (http.tls ? "https://" : "http://") + (bare ? http.host : '[' + http.host + ']') + ':' +
           std::to_string(_parts->front->port()) + http.mcpPath;
}

bool Server::drain()
{
    auto& parts = *_parts;
    service_manager::notify("STOPPING=1");
    parts.status.enter(ops::StatusSource::Phase::DRAINING);
    parts.dispatcher->drain(parts.services.options.streamRetryMs);
    if (parts.front)
        parts.front->drain();
    const Poco::Timestamp began;
    const auto patience = _settings->integer("timeouts.drainMs") * 1000;
    while (parts.dispatcher->callsInFlight() > 0 && began.elapsed() < patience)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (const auto left = parts.dispatcher->callsInFlight())
    {
        logger().warning(std::to_string(left) + " calls did not finish within timeouts.drainMs and are left");
        return false;
    }
    if (parts.front)
        parts.front->awaitQuiet(std::chrono::milliseconds(200));
    return true;
}

bool Server::stop()
{
    auto& parts = *_parts;
    parts.stopped = true;
    // A call that has its answer may still hold a thread, which could not be joined; most come back soon.
    const Poco::Timestamp began;
    while (parts.plugins.hasCallsInside() && began.elapsed() < RETURN_PATIENCE_US)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const bool idle = !parts.dispatcher || (parts.dispatcher->callsInFlight() == 0 && !parts.plugins.hasCallsInside());
    if (parts.dispatcher)
        parts.dispatcher->endAllSessions(parts.services.options.streamRetryMs);
    if (!idle)
        return false;
    if (parts.front)
        parts.front->stop();
    parts.executor.stop();
    parts.timers.stop();
    parts.dispatcher.reset();
    parts.plugins.stop();
    return true;
}

void Server::reload(const base::SettingsPtr& settings)
{
    auto& parts = *_parts;
    configureLogLevels(*settings);
    if (parts.gate)
        parts.gate->reload(*settings);
    if (parts.front && parts.front->secure())
        parts.front->reloadCertificates(net::NetSettings(*settings));
    for (const auto& spec : settings->specs())
        if (!spec.reloadable && spec.key.find('*') == std::string_view::npos &&
            settings->text(spec.key) != _settings->text(spec.key))
            logger().warning("'" + std::string(spec.key) + "' has changed; it takes effect at the next start");
    _settings = settings;
    logger().information("settings read again");
}

} // namespace tenon::app

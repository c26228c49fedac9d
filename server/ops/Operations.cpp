#include "ops/Operations.h"

#include "ops/broadcast/BroadcastHandler.h"
#include "ops/console/AccessHandler.h"
#include "ops/console/ConsoleHandlers.h"
#include "ops/console/DoctorHandler.h"
#include "ops/console/EventsHandler.h"
#include "ops/health/HealthHandlers.h"
#include "ops/metrics/MetricsHandler.h"
#include "ops/pages/ConsolePage.h"
#include "ops/pages/DemoPage.h"
#include "ops/pages/MetadataHandler.h"
#include "ops/plugins/PluginHandler.h"
#include "ops/stats/StatsHandler.h"

#include <Poco/Timestamp.h>

#include <memory>
#include <vector>

namespace tenon::ops
{

namespace
{

using guard::Area;
using net::Route;

constexpr const char* METADATA_PATH = "/.well-known/oauth-protected-resource";

Route route(std::uint8_t methods, Area area, bool always = false)
{
    Route made;
    made.methods = methods;
    made.area = area;
    made.always = always;
    return made;
}

} // namespace

void Operations::addTo(net::Router& router)
{
    router.add("/health", route(Route::GET, Area::OPEN, true),
               [this] { return std::make_unique<HealthHandler>(_views.status); });
    router.add("/ready", route(Route::GET, Area::OPEN, true),
               [this] { return std::make_unique<ReadyHandler>(_views.status); });
    for (const std::string& path : {std::string(METADATA_PATH), std::string(METADATA_PATH) + "/*"})
        router.add(path, route(Route::GET, Area::OPEN),
                   [this] { return std::make_unique<MetadataHandler>(_views.gate); });
    if (_settings.console)
    {
        addConsole(router);
        router.add(
            "/", route(Route::GET, Area::OPEN),
            [this]
            {
                return std::make_unique<ConsolePage>(
                    _views.status, _views.gate,
                    std::vector<Endpoint>{{_settings.mcpPath, "Streamable HTTP"}, {_settings.ssePath, "HTTP+SSE"}},
                    _settings.publicUrl);
            });
    }
    if (_settings.metrics != "off")
    {
        const bool open = _settings.metrics == "open";
        router.add("/metrics", route(Route::GET, open ? Area::OPEN : Area::OPERATIONS),
                   [this, open]
                   { return std::make_unique<MetricsHandler>(_views.metrics, _views.status, _views.gate, open); });
    }
    router.add("/plugins/*", route(Route::POST, Area::OPERATIONS),
               [this] { return std::make_unique<PluginHandler>(_views.plugins, _views.gate); });
    router.add("/stats/sessions/*", route(Route::DELETE_, Area::OPERATIONS),
               [this] { return std::make_unique<EndSessionHandler>(_views.sessions, _views.gate); });
    addStats(router, "/stats");
    addBroadcast(router, "/broadcast");
}

void Operations::addConsole(net::Router& router)
{
    const ConsoleSources sources{_views.status, _views.sessions, _views.metrics, _views.gate, _history};
    for (const char* path : {"/console/", "/console/*"})
        router.add(path, route(Route::GET, Area::OPEN), [] { return std::make_unique<ConsoleFileHandler>(); });
    router.add("/console/api/server", route(Route::GET, Area::OPERATIONS),
               [this] { return std::make_unique<ConsoleServerHandler>(_settings); });
    router.add("/console/api/login", route(Route::GET | Route::POST, Area::OPEN),
               [this] { return std::make_unique<LoginHandler>(_login); });
    router.add("/console/client.json", route(Route::GET, Area::OPEN),
               [this] { return std::make_unique<LoginHandler>(_login); });
    for (const char* path : {"/console/api/access", "/console/api/access/*"})
        router.add(path, route(Route::GET, Area::OPERATIONS),
                   [this] { return std::make_unique<AccessHandler>(_views.gate, _views.plugins); });
    router.add("/console/api/events", route(Route::GET, Area::OPERATIONS),
               [this] { return std::make_unique<EventsHandler>(_views.live, _history, _views.gate); });
    router.add("/console/api/doctor", route(Route::GET, Area::OPERATIONS),
               [this]
               {
                   return std::make_unique<DoctorHandler>(
                       _views.gate, _settings.publicUrl.empty() ? _ownUrl : _settings.publicUrl + _settings.mcpPath);
               });
    router.add("/console/api/*", route(Route::GET, Area::OPERATIONS),
               [sources] { return std::make_unique<ConsoleFiguresHandler>(sources); });
}

void Operations::takeSample()
{
    _history.take(Poco::Timestamp().epochMicroseconds() / 1000);
    if (!_views.live.watched())
        return;
    if (const std::string sample = _history.lastJson(); !sample.empty()) // the first one is of no interval yet
        _views.live.send("sample", sample);
}

void Operations::addStats(net::Router& router, const std::string& path)
{
    router.add(path, route(Route::GET, Area::OPERATIONS),
               [this] { return std::make_unique<StatsHandler>(_views.sessions, _views.status, _views.gate); });
}

void Operations::addPage(net::Router& router, std::string_view path)
{
    if (DemoPage::has(path))
        router.add(std::string(path), route(Route::GET, Area::OPEN),
                   [path] { return std::make_unique<DemoPage>(path); });
}

void Operations::addBroadcast(net::Router& router, const std::string& path)
{
    router.add(path, route(Route::POST, Area::OPERATIONS),
               [this] { return std::make_unique<BroadcastHandler>(_views.sessions, _views.gate); });
}

} // namespace tenon::ops

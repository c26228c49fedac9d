#include "ops/Operations.h"

#include "ops/BroadcastHandler.h"
#include "ops/ConsolePage.h"
#include "ops/HealthHandlers.h"
#include "ops/MetadataHandler.h"
#include "ops/MetricsHandler.h"
#include "ops/StatsHandler.h"

#include <memory>

namespace tenon::ops
{

namespace
{

using net::Route;

constexpr const char* METADATA_PATH = "/.well-known/oauth-protected-resource";

Route route(std::uint8_t methods, guard::Area area, bool always = false)
{
    Route made;
    made.methods = methods;
    made.area = area;
    made.always = always;
    return made;
}

} // namespace

std::vector<base::SettingSpec> settings()
{
    using enum base::SettingType;
    return {
        {"ops.console", BOOLEAN, "true", "", "Serve a page for people at /: what this server is and how to connect"},
        {"ops.metrics", CHOICE, "restricted", "restricted|open|off",
         "Who may read /metrics: those with the permission for statistics, or everybody"},
        {"ops.accessLog", CHOICE, "off", "off|combined|text|json", "Write a line for each request, in this form"},
        {"ops.accessLogFile", PATH, "", "", "The access log, rotated; empty: standard error"},
        {"ops.accessLogRotation", TEXT, "100 M", "",
         "When the access log is rotated: 100 M (bytes), 1 days, daily, never"},
        {"ops.accessLogKeep", INTEGER, "5", "1..1000", "Rotated access logs that are kept"},
    };
}

Operations::Operations(const base::Settings& settings, const StatusSource& status, SessionsView& sessions,
                       const base::MetricsRegistry& metrics, const guard::Gate& gate)
    : _status(status), _sessions(sessions), _gate(gate), _collector(metrics, &status),
      _publicUrl(settings.text("http.publicUrl")), _metrics(settings.text("ops.metrics")),
      _console(settings.boolean("ops.console"))
{
}

void Operations::addTo(net::Router& router)
{
    using guard::Area;
    router.add("/health", route(Route::GET, Area::OPEN, true),
               [this] { return std::make_unique<HealthHandler>(_status); });
    router.add("/ready", route(Route::GET, Area::OPEN, true),
               [this] { return std::make_unique<ReadyHandler>(_status); });
    for (const std::string& path : {std::string(METADATA_PATH), std::string(METADATA_PATH) + "/*"})
        router.add(path, route(Route::GET, Area::OPEN), [this] { return std::make_unique<MetadataHandler>(_gate); });
    if (_console)
        router.add("/", route(Route::GET, Area::OPEN),
                   [this] { return std::make_unique<ConsolePage>(_status, _publicUrl); });
    if (_metrics != "off")
    {
        const bool open = _metrics == "open";
        router.add("/metrics", route(Route::GET, open ? Area::OPEN : Area::OPERATIONS),
                   [this, open] { return std::make_unique<MetricsHandler>(_collector, _gate, open); });
    }
    router.add("/stats/sessions/*", route(Route::DELETE_, Area::OPERATIONS),
               [this] { return std::make_unique<EndSessionHandler>(_sessions, _gate); });
    addStats(router, "/stats");
    addBroadcast(router, "/broadcast");
}

void Operations::addStats(net::Router& router, const std::string& path)
{
    router.add(path, route(Route::GET, guard::Area::OPERATIONS),
               [this] { return std::make_unique<StatsHandler>(_sessions, _status, _gate); });
}

void Operations::addBroadcast(net::Router& router, const std::string& path)
{
    router.add(path, route(Route::POST, guard::Area::OPERATIONS),
               [this] { return std::make_unique<BroadcastHandler>(_sessions, _gate); });
}

} // namespace tenon::ops

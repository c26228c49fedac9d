#pragma once

#include "base/metrics/Metrics.h"
#include "guard/Gate.h"
#include "ops/Settings.h"
#include "ops/console/History.h"
#include "ops/health/ServerStatus.h"
#include "ops/stats/SessionsView.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>

namespace tenon::ops
{

/// `GET /console/`: the static files of the console, compressed for those who take it, with an ETag. Nothing secret is in
/// them, so everybody whose Host is right may load them; what they show is asked for separately.
class ConsoleFileHandler : public Poco::Net::HTTPRequestHandler
{
public:
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;
};

/// `GET /console/api/server`: who asks, and where the endpoints are. For everybody who is let in.
///
/// Shape: {"name","title","version","mcpPath","ssePath","publicUrl"?,"authentication":[…],
///        "principal":{"name","type","anonymous","stats","broadcast"}}
class ConsoleServerHandler : public Poco::Net::HTTPRequestHandler
{
public:
    ConsoleServerHandler(const Settings& settings) : _settings(settings) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const Settings& _settings;
};

/// What the console's operator views read. Each handler asks for the permission for statistics.
struct ConsoleSources
{
    const ServerStatus& status;
    const SessionsView& sessions;
    const base::MetricsRegistry& metrics;
    const guard::Gate& gate;
    const History& history;
};

/// `GET /console/api/history|tools|plugins|sessions`: figures; 404 for another name.
///
/// Shape: `history` as History::json; `tools` as toolFiguresJson, 100 or `?limit=` of them;
///        {"plugins":[{"name","version","state","reason"?,"home":"process"|"worker"|"pool"|"attached"|…,"file","digest",
///        "pinned","sandbox","tools","resources","prompts","workers","workersRunning","restarts","reloads","crashes",
///        "kills","callsInside","memoryBytes","lastCrash"?,"lastTrace"?,"programs":[…]}]};
///        {"total":…,"found":…,"sessions":[{"session","principal","type","transport","version","client","idleMs",
///        "ageMs","events","streams"}]}, those that hold `?q=`, 1,000 or `?limit=` of them, newest first.
class ConsoleFiguresHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit ConsoleFiguresHandler(const ConsoleSources& sources) : _sources(sources) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const ConsoleSources _sources;
};

} // namespace tenon::ops

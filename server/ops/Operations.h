#pragma once

#include "base/metrics/Metrics.h"
#include "guard/Gate.h"
#include "net/route/Router.h"
#include "ops/Settings.h"
#include "ops/console/History.h"
#include "ops/console/OAuthLogin.h"
#include "ops/health/ServerStatus.h"
#include "ops/live/LiveFeed.h"
#include "ops/stats/SessionsView.h"

#include <string>

namespace tenon::ops
{

/// What the operators' routes depend on.
struct Views
{
    const ServerStatus& status;
    SessionsView& sessions;
    const base::MetricsRegistry& metrics;
    const guard::Gate& gate;
    plugin::PluginManager& plugins;
    LiveFeed& live;
};

/// Adds the operators' routes to the server: `/`, `/console/`, `/health`, `/ready`, `/metrics`, `/stats`, `/stats/sessions/{id}`,
/// `/broadcast`, `/plugins/NAME/restart` and `reload`, and the metadata of OAuth.
///
/// Threading: construct and `addTo` before the front starts.
/// Ownership: borrows what the views name; outlives the routes.
class Operations
{
public:
    Operations(Settings settings, const Views& views)
        : _settings(std::move(settings)), _views(views), _history(views.metrics),
          _login(views.gate, {_settings.consoleClientId, _settings.publicUrl, _settings.mcpPath})
    {
    }

    void addTo(net::Router& router);

    /// `GET /stats` and `POST /broadcast` at further paths, which SSE profiles bring along.
    void addStats(net::Router& router, const std::string& path);
    void addBroadcast(net::Router& router, const std::string& path);

    /// A page that tries an SSE profile.
    void addPage(net::Router& router, std::string_view path);

    /// Where the doctor looks, unless there is a public URL. Called before the server is asked anything.
    void setOwnUrl(std::string url) { _ownUrl = std::move(url); }

    /// Takes a sample for the console's charts; called each History::INTERVAL. Threading: any thread.
    void takeSample();

private:
    void addConsole(net::Router& router);

    const Settings _settings;
    const Views _views;
    History _history;
    OAuthLogin _login;
    std::string _ownUrl;
};

} // namespace tenon::ops

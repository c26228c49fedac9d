#pragma once

#include "base/Metrics.h"
#include "base/Settings.h"
#include "guard/Gate.h"
#include "net/front/Router.h"
#include "ops/PrometheusCollector.h"
#include "ops/SessionsView.h"
#include "ops/StatusSource.h"

#include <string>
#include <vector>

namespace tenon::ops
{

/// Adds the operators' routes to the server: `/`, `/health`, `/ready`, `/metrics`, `/stats`, `/stats/sessions/{id}`,
/// `/broadcast` and the metadata of OAuth.
///
/// Threading: construct and `addTo` before the front starts.
/// Ownership: borrows all but `settings`; outlives the routes.
class Operations
{
public:
    Operations(const base::Settings& settings, const StatusSource& status, SessionsView& sessions,
               const base::MetricsRegistry& metrics, const guard::Gate& gate);

    void addTo(net::Router& router);

    /// `GET /stats` and `POST /broadcast` at further paths, which SSE profiles bring along.
    void addStats(net::Router& router, const std::string& path);
    void addBroadcast(net::Router& router, const std::string& path);

private:
    const StatusSource& _status;
    SessionsView& _sessions;
    const guard::Gate& _gate;
    const PrometheusCollector _collector;
    const std::string _publicUrl, _metrics;
    const bool _console;
};

/// The settings of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::ops

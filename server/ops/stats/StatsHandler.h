#pragma once

#include "guard/Gate.h"
#include "net/route/Endpoint.h"
#include "ops/health/ServerStatus.h"
#include "ops/stats/SessionsView.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <chrono>
#include <string>
#include <vector>

namespace tenon::ops
{

/// `GET /stats`: sessions and streams, for those who may see statistics.
///
/// Ownership: borrows all.
class StatsHandler : public Poco::Net::HTTPRequestHandler
{
public:
    StatsHandler(const SessionsView& sessions, const ServerStatus& status, const guard::Gate& gate)
        : _sessions(sessions), _status(status), _gate(gate)
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const SessionsView& _sessions;
    const ServerStatus& _status;
    const guard::Gate& _gate;
};

/// `DELETE /stats/sessions/{id}`: ends one, wherever it is. 204, or 404 if there is none; 503 while that cannot be said.
///
/// Ownership: borrows both.
class EndSessionHandler : public Poco::Net::HTTPRequestHandler
{
public:
    EndSessionHandler(SessionsView& sessions, const guard::Gate& gate) : _sessions(sessions), _gate(gate) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    void endElsewhere(const std::string& id, const net::ExchangePtr& exchange);

    SessionsView& _sessions;
    const guard::Gate& _gate;
};

/// What `/stats` shows.
struct Statistics
{
    std::vector<SessionInfo> sessions;
    std::size_t callsInFlight = 0;
    std::chrono::seconds uptime{0};
    std::vector<plugin::PluginStatus> plugins;
};

/// {"totalConnections":…,"connectionsByType":{…},"oldestConnection":…,"newestConnection":…,"streams":…,
///  "callsInFlight":…,"uptimeSeconds":…,"connections":[…]}; at most 1,000 connections are listed, the oldest first.
[[nodiscard]] std::string statsJson(Statistics statistics, const Poco::Timestamp& now);

} // namespace tenon::ops

#pragma once

#include "ops/health/ServerStatus.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Timestamp.h>

#include <chrono>
#include <string>

namespace tenon::ops
{

/// `GET /health`: the process is alive. Always 200, whatever plugins do.
///
/// Ownership: borrows the status.
class HealthHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit HealthHandler(const ServerStatus& status) : _status(status) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const ServerStatus& _status;
};

/// `GET /ready`: whether work should be sent here. 503 while starting, draining or without a required plugin.
///
/// Ownership: borrows the status.
class ReadyHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit ReadyHandler(const ServerStatus& status) : _status(status) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const ServerStatus& _status;
};

/// {"status":"healthy","service":"tenon","version":…,"timestamp":…,"uptime_seconds":…}
[[nodiscard]] std::string healthJson(std::chrono::seconds uptime, const Poco::Timestamp& now);

/// {"status":"ready"} or {"status":"starting"|"draining"|"degraded",…}.
[[nodiscard]] std::string readyJson(const Readiness& readiness);

/// "ready", "starting", "draining", "degraded".
[[nodiscard]] const char* wordFor(const Readiness& readiness);

} // namespace tenon::ops

#pragma once

#include "ops/StatusSource.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>

namespace tenon::ops
{

/// `GET /health`: the process is alive. Always 200, whatever plugins do.
///
/// Ownership: borrows the source.
class HealthHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit HealthHandler(const StatusSource& status) : _status(status) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const StatusSource& _status;
};

/// `GET /ready`: whether work should be sent here. 503 while starting, draining or without a required plugin.
///
/// Ownership: borrows the source.
class ReadyHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit ReadyHandler(const StatusSource& status) : _status(status) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const StatusSource& _status;
};

/// {"status":"healthy","service":"tenon","version":…,"timestamp":…,"uptime_seconds":…}
[[nodiscard]] std::string healthJson(const StatusSource& status, const Poco::Timestamp& now);

/// {"status":"ready"} or {"status":"starting"|"draining"|"degraded",…}; `ready` says which.
[[nodiscard]] std::string readyJson(const StatusSource& status, bool& ready);

} // namespace tenon::ops

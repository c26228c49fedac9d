#pragma once

#include "base/metrics/Metrics.h"
#include "guard/Gate.h"
#include "ops/health/ServerStatus.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>

namespace tenon::ops
{

/// `GET /metrics` in the Prometheus text format. Unless it is open to all, it needs the permission for statistics.
///
/// Ownership: borrows all.
class MetricsHandler : public Poco::Net::HTTPRequestHandler
{
public:
    MetricsHandler(const base::MetricsRegistry& registry, const ServerStatus& status, const guard::Gate& gate,
                   bool open)
        : _registry(registry), _status(status), _gate(gate), _open(open)
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const base::MetricsRegistry& _registry;
    const ServerStatus& _status;
    const guard::Gate& _gate;
    const bool _open;
};

} // namespace tenon::ops

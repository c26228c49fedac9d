#pragma once

#include "guard/Gate.h"
#include "ops/PrometheusCollector.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::ops
{

/// `GET /metrics` in the Prometheus text format. Unless it is open to all, it needs the permission for statistics.
///
/// Ownership: borrows both.
class MetricsHandler : public Poco::Net::HTTPRequestHandler
{
public:
    MetricsHandler(const PrometheusCollector& collector, const guard::Gate& gate, bool open)
        : _collector(collector), _gate(gate), _open(open)
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const PrometheusCollector& _collector;
    const guard::Gate& _gate;
    const bool _open;
};

} // namespace tenon::ops

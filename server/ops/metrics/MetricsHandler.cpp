#include "ops/metrics/MetricsHandler.h"

#include "ops/Permitted.h"
#include "ops/metrics/ConventionMetrics.h"
#include "ops/metrics/PluginMetrics.h"
#include "ops/metrics/ProcessMetrics.h"
#include "ops/metrics/PrometheusText.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

void MetricsHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!_open && !permitted(request, response, _gate, base::Access::STATS))
        return;
    PrometheusText metrics;
    metrics.add(_registry);
    addConventionMetrics(metrics, _registry);
    addPluginMetrics(metrics, _status.plugins().status());
    addQueueMetrics(metrics, *_status.plugins().current());
    addProcessMetrics(metrics);
    const std::string& text = metrics.text();
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    response.set("Cache-Control", "no-store");
    response.sendBuffer(text.data(), text.size());
}

} // namespace tenon::ops

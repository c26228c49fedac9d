#include "net/connection/FrontState.h"

#include "net/connection/HandlerEndpoint.h"
#include "net/io/Processors.h"

#include <algorithm>
#include <limits>

namespace tenon::net
{

base::Histogram& requestDurations(base::MetricsRegistry& registry)
{
    return registry.histogram("request_duration_seconds", "Time from a client's request to its answer");
}

void observeSince(base::Histogram& histogram, std::chrono::steady_clock::time_point began) noexcept
{
    const auto took = std::chrono::steady_clock::now() - began;
    histogram.observeUs(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

FrontMetrics::FrontMetrics(base::MetricsRegistry& metrics)
    : registry(metrics),
      failedLogins(metrics.counter("tenon_failed_logins_total", "Credentials that were shown and are not good")),
      connections(registry.gauge("tenon_http_connections_active", "Connections that are open")),
      connectionsTotal(registry.counter("tenon_http_connections_total", "Connections accepted")),
      connectionsRefused(
          registry.counter("tenon_http_connections_refused_total", "Connections over limits.maxConnections")),
      streams(registry.gauge("sse_connections_active", "Event streams that are open")),
      requests(registry.counter("tenon_http_requests_total", "HTTP requests read")),
      overloads(registry.counter("tenon_http_overload_total", "Requests answered 503 because all threads were busy")),
      bytesReceived(registry.counter("tenon_http_received_bytes_total", "Bytes received")),
      bytesSent(registry.counter("tenon_http_sent_bytes_total", "Bytes sent")),
      eventsSent(registry.counter("tenon_sse_events_sent_total", "Events sent on streams")),
      slowReaders(registry.counter("tenon_sse_slow_readers_total", "Streams closed because the client did not read")),
      durations(requestDurations(registry)),
      threads(registry.gauge("tenon_http_threads", "Threads that serve requests")),
      queued(registry.gauge("tenon_http_queue_length", "Requests that wait for a thread"))
{
}

void FrontMetrics::refused(std::string_view reason)
{
    if (reason == "invalid_token")
        failedLogins.add();
    registry
        .counter("tenon_http_requests_refused_total", "HTTP requests that were not let in, or not served",
                 {{"reason", std::string(reason)}})
        .add();
}

namespace
{

/// One of so many parts of `limits.memoryMb` is for messages that come in, and wait.
constexpr unsigned BODY_PARTS = 4;

constexpr const char *HELD = "tenon_memory_held_bytes", *USED = "tenon_memory_used_bytes",
                     *LIMIT = "tenon_memory_limit_bytes";
const base::Labels REQUESTS{{"by", "requests"}}, ANSWERS{{"by", "answers"}};

Poco::Net::HTTPServerParams::Ptr paramsOf(const Settings& settings)
{
    Poco::Net::HTTPServerParams::Ptr params(new Poco::Net::HTTPServerParams);
    params->setKeepAlive(settings.keepAliveMs != 0);
    params->setMaxKeepAliveRequests(static_cast<int>(std::min<std::uint32_t>(settings.keepAliveMax, 0x7fffffff)));
    params->setKeepAliveTimeout(Poco::Timespan(Poco::Timespan::TimeDiff(settings.keepAliveMs) * 1000));
    params->setTimeout(Poco::Timespan(Poco::Timespan::TimeDiff(settings.headMs) * 1000));
    params->setMaxThreads(static_cast<int>(settings.maxThreads));
    params->setMaxQueued(static_cast<int>(settings.queue));
    params->setSoftwareVersion("tenon");
    return params;
}

std::uint32_t mostRequestsOf(const Poco::Net::HTTPServerParams& params)
{
    if (!params.getKeepAlive())
        return 0;
    const int most = params.getMaxKeepAliveRequests();
    return most == 0 ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(most);
}

} // namespace

FrontState::FrontState(const Settings& netSettings, Router& routes, AdmissionControl& control,
                       base::MetricsRegistry& registry, base::Budget& memory)
    : settings(netSettings), headLimits{settings.maxHeaderBytes, std::min<std::size_t>(settings.maxHeaderBytes, 8192)},
      router(routes), admission(control), params(paramsOf(settings)), mostRequests(mostRequestsOf(*params)),
      handlers(std::make_unique<HandlerEndpoint>(router, params)), budget(memory), bodies(memory, BODY_PARTS),
      metrics(registry), packer(memory, usableProcessors()), unread(memory),
      stalled(registry.counter("tenon_http_stalled_total", "Connections closed because their peers did not read"))
{
    constexpr const char* HELP = "Of limits.memoryMb, what peers make the server hold";
    registry.gaugeFrom(HELD, HELP, REQUESTS, [this] { return static_cast<double>(bodies.used()); });
    registry.gaugeFrom(HELD, HELP, ANSWERS, [this] { return static_cast<double>(unread.bytes()); });
    registry.gaugeFrom(USED, "All that counts against limits.memoryMb", {},
                       [this] { return static_cast<double>(budget.used()); });
    registry.gaugeFrom(LIMIT, "limits.memoryMb", {}, [this] { return static_cast<double>(budget.limit()); });
}

FrontState::~FrontState()
{
    metrics.registry.remove(HELD, REQUESTS);
    metrics.registry.remove(HELD, ANSWERS);
    metrics.registry.remove(USED, {});
    metrics.registry.remove(LIMIT, {});
}

void FrontState::makeRoom() noexcept
{
    while (const ConnectionRef stalling = unread.nextToGo())
        scheduler->flushLater(stalling);
}

} // namespace tenon::net

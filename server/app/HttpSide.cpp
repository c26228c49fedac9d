#include "app/HttpSide.h"

#include "app/ConfigCheck.h"
#include "app/process/ServiceManager.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/WebSocketTransport.h"
#include "ops/health/HealthHandlers.h"

#include <Poco/Exception.h>

namespace tenon::app
{

namespace
{

/// The settings, once it is certain that they let nobody in who should stay out.
const base::Settings& safe(const base::Settings& settings, const guard::Bind& bind)
{
    guard::checkBind(settings, bind);
    return settings;
}

/// What is shared with other instances, or kept: whether it is there.
std::function<ops::Backed()> stateOf(const Core& core, const base::Settings& settings)
{
    if (!core.backing)
        return nullptr;
    return [archive = &core.backing->archive(), required = settings.boolean("cluster.required")]
    { return archive->away() ? required ? ops::Backed::MISSING : ops::Backed::AWAY : ops::Backed::THERE; };
}

} // namespace

HttpSide::HttpSide(Core& core, const base::Settings& settings, const net::Settings& http, ops::LogQueue& log)
    : _http(http), _gate(safe(settings, net::bindOf(http)), net::bindOf(http), guard::Clock::system(),
                         core.backing ? core.backing->limits() : nullptr),
      _admission(_gate), _status(core.plugins, settings.list("plugins.required"), stateOf(core, settings)),
      _sessions(*core.dispatcher),
      _operations(ops::Settings::read(settings), {_status, _sessions, core.metrics, _gate, core.plugins, core.live}),
      _accessLog(ops::Settings::read(settings), log), _access(_accessLog, core.live), _router(new net::Router),
      _timers(core.timers), _sampling(_timers.every(ops::History::INTERVAL, [this] { _operations.takeSample(); })),
      _feeding(_timers.every(ops::LiveFeed::TURN, [&core] { core.live.turn(); }))
{
    route(core);
    _admission.hold(true);
    try
    {
        listen(core);
    }
    catch (const Poco::IOException& exc)
    {
        refuseAddress(settings, exc);
    }
}

HttpSide::~HttpSide()
{
    _timers.cancel(_feeding);
    _timers.cancel(_sampling);
}

void HttpSide::route(Core& core)
{
    net::McpEndpoint::OtherGets gets;
    for (const std::string& name : _http.sseProfiles)
        if (net::requireSseProfile(name).healthAtEndpoint)
            gets.plain = [this] { return std::make_unique<ops::HealthHandler>(_status); };
    if (_http.webSocket)
        gets.socket = net::webSocketHandlers(
            {*core.dispatcher, core.executor, _admission, net::requestDurations(core.metrics), _http.maxMessageBytes});
    net::McpEndpoint::addTo(*_router, _http.mcpPath, *core.dispatcher, _http.maxMessageBytes, std::move(gets));
    _sse = std::make_shared<net::SseTransport>(
        net::SseTransport::Services{*core.dispatcher, core.executor, core.timers, core.budget, core.metrics}, _http);
    _sse->addTo(*_router);
    _operations.addTo(*_router);
    for (const std::string& name : _http.sseProfiles)
    {
        const auto& profile = net::requireSseProfile(name);
        _operations.addPage(*_router, profile.pagePath);
        if (!profile.statsPath.empty())
            _operations.addStats(*_router, std::string(profile.statsPath));
        if (!profile.broadcastPath.empty())
            _operations.addBroadcast(*_router, std::string(profile.broadcastPath));
    }
}

void HttpSide::listen(Core& core)
{
    const auto inherited = service_manager::inheritedSocket();
    _front = inherited
                 ? std::make_unique<net::HttpFront>(_http, _router, _admission, core.timers, core.metrics, core.budget,
                                                    *inherited)
                 : std::make_unique<net::HttpFront>(_http, _router, _admission, core.timers, core.metrics, core.budget);
    _front->setAccessListener(&_access);
    if (core.quotas)
        _front->share(*core.quotas);
    _operations.setOwnUrl(localUrl());
    // Who waits at a socket of the service manager's is the client for whom all this is started: it waits for the
    // answer, not for a refusal. So do clients of a balancer, few of which take a POST that was refused elsewhere.
    _startsOpen = inherited.has_value() || core.services.bus;
    if (!_startsOpen)
        _front->start();
}

void HttpSide::open()
{
    _status.enter(ops::Phase::RUNNING);
    _admission.hold(false);
    if (_startsOpen)
        _front->start();
}

void HttpSide::leave()
{
    _status.enter(ops::Phase::DRAINING);
    _front->leave();
}

void HttpSide::reload(const base::Settings& settings)
{
    _gate.reload(settings);
    if (_front->secure())
        _front->reloadCertificates(net::Settings::read(settings));
}

std::string HttpSide::urlAt(const std::string& host) const
{
    const bool bare = host.find(':') == std::string::npos;
    return (_http.tls ? "https://" : "http://") + (bare ? host : '[' + host + ']') + ':' +
           std::to_string(_front->port()) + _http.mcpPath;
}

std::string HttpSide::url() const
{
    return urlAt(_http.host);
}

std::string HttpSide::localUrl() const
{
    return urlAt(_http.host.empty() || _http.host == "0.0.0.0" ? "127.0.0.1" : _http.host == "::" ? "::1" : _http.host);
}

} // namespace tenon::app

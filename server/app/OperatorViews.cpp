#include "app/OperatorViews.h"

#include "mcp/methods/Protocol.h"
#include "net/mcp/SseStream.h"

#include <algorithm>

namespace tenon::app
{

namespace
{

ops::SessionInfo infoOf(const mcp::Session& session)
{
    ops::SessionInfo info;
    info.id = session.id;
    info.principal = session.principal;
    info.transport = session.transport == mcp::Transport::STDIO      ? "stdio"
                     : session.transport == mcp::Transport::HTTP_SSE ? "http+sse"
                                                                     : "streamable-http";
    if (session.initialized())
        info.protocolVersion = std::string(mcp::textOf(session.version()));
    info.client = session.clientName();
    info.openedAt = session.openedAt;
    info.idleMs = session.idleMs();
    info.eventsSent = session.eventsSent;
    info.streaming = session.hasOpenStream();
    return info;
}

ops::SessionInfo infoOf(const mcp::Subscriptions::Stream& stream)
{
    ops::SessionInfo info;
    info.id = stream.id;
    info.principal = stream.principal;
    info.transport = stream.transport == mcp::Transport::STDIO ? "stdio" : "streamable-http";
    info.protocolVersion = std::string(mcp::textOf(mcp::NEWEST));
    info.openedAt = stream.openedAt;
    info.eventsSent = stream.eventsSent;
    info.streaming = info.modern = true;
    return info;
}

} // namespace

ServerStatus::ServerStatus(const plugin::PluginManager& plugins, const net::NetSettings& http,
                           std::vector<std::string> required)
    : _plugins(plugins), _http(http), _required(std::move(required))
{
}

std::vector<std::string> ServerStatus::missingPlugins() const
{
    const auto catalogue = _plugins.current();
    std::vector<std::string> missing;
    for (const auto& name : _required)
    {
        const auto& there = catalogue->instances;
        if (std::none_of(there.begin(), there.end(), [&](const auto& instance) { return instance->name() == name; }))
            missing.push_back(name);
    }
    return missing;
}

ops::StatusSource::Offer ServerStatus::offer() const
{
    const auto catalogue = _plugins.current();
    Offer offer;
    offer.plugins = catalogue->instances.size();
    offer.tools = catalogue->tools.size();
    offer.resources = catalogue->resources.size() + catalogue->templates.size();
    offer.prompts = catalogue->prompts.size();
    return offer;
}

std::vector<ops::StatusSource::Plugin> ServerStatus::plugins() const
{
    std::vector<Plugin> all;
    for (const auto& status : _plugins.status())
    {
        Plugin plugin;
        plugin.name = status.name;
        plugin.version = status.version;
        plugin.isolation = status.isolation;
        plugin.state = status.state;
        plugin.reason = status.reason;
        plugin.tools = status.tools;
        plugin.reloads = status.reloads;
        plugin.failedReloads = status.failedReloads;
        plugin.crashes = status.instance.crashes;
        plugin.kills = status.instance.kills;
        plugin.restarts = status.instance.restarts;
        plugin.memoryBytes = status.instance.residentBytes;
        plugin.calls = status.instance.callsInside;
        plugin.lostThreads = status.instance.lostThreads;
        all.push_back(std::move(plugin));
    }
    return all;
}

std::vector<std::pair<std::string, std::size_t>> ServerStatus::queues() const
{
    std::vector<std::pair<std::string, std::size_t>> all;
    const auto catalogue = _plugins.current();
    for (const auto& tool : catalogue->tools)
        if (tool.admission)
            all.emplace_back(tool.name, tool.admission->queued());
    return all;
}

std::vector<ops::StatusSource::Endpoint> ServerStatus::endpoints() const
{
    return {{_http.mcpPath, "Streamable HTTP"}, {_http.ssePath, "HTTP+SSE"}};
}

std::vector<ops::SessionInfo> DispatcherSessions::sessions() const
{
    std::vector<ops::SessionInfo> all;
    for (const auto& session : _dispatcher.protocol().sessions.all())
        all.push_back(infoOf(*session));
    for (const auto& stream : _dispatcher.protocol().subscriptions.streams())
        all.push_back(infoOf(stream));
    return all;
}

bool DispatcherSessions::end(std::string_view id)
{
    auto& sessions = _dispatcher.protocol().sessions;
    const auto session = sessions.find(id);
    if (!session)
        return _dispatcher.protocol().subscriptions.end(id);
    sessions.end(session);
    return true;
}

std::size_t DispatcherSessions::broadcast(const ops::Broadcast& message)
{
    std::size_t reached = 0;
    const auto& protocol = _dispatcher.protocol();
    for (const auto& session : protocol.sessions.all())
        if (auto* stream = dynamic_cast<net::SseStream*>(session->connection.get());
            stream && message.accepts(infoOf(*session)))
        {
            stream->broadcast(message.notification, message.event, *message.payload);
            ++session->eventsSent;
            ++reached;
        }
    const auto others = [&](const mcp::Session& session)
    { return session.transport != mcp::Transport::HTTP_SSE && message.accepts(infoOf(session)); };
    const auto streams = [&](const mcp::Subscriptions::Stream& stream) { return message.accepts(infoOf(stream)); };
    return reached + _dispatcher.protocol().subscriptions.broadcast(message.notification, others, streams);
}

void AccessLogger::answered(const net::AccessEntry& entry)
{
    ops::AccessRecord record;
    record.time = entry.began;
    record.clientAddress = entry.clientAddress;
    record.principal = entry.principal;
    record.method = entry.method;
    record.target = entry.target;
    record.protocol = entry.protocol;
    record.status = entry.status;
    record.bytes = entry.bytes;
    record.referer = entry.referer;
    record.userAgent = entry.userAgent;
    record.sessionId = entry.sessionId;
    record.rpcMethod = entry.rpcMethod;
    record.tool = entry.rpcName;
    record.traceId = entry.traceParent;
    record.durationUs = entry.durationUs;
    _log.write(record);
}

} // namespace tenon::app

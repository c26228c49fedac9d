#include "app/OperatorViews.h"

#include "mcp/Protocol.h"

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

std::vector<ops::StatusSource::Endpoint> ServerStatus::endpoints() const
{
    return {{_http.mcpPath, "Streamable HTTP"}, {_http.ssePath, "HTTP+SSE"}};
}

std::vector<ops::SessionInfo> DispatcherSessions::sessions() const
{
    std::vector<ops::SessionInfo> all;
    for (const auto& session : _dispatcher.protocol().sessions.all())
        all.push_back(infoOf(*session));
    return all;
}

bool DispatcherSessions::end(std::string_view id)
{
    auto& sessions = _dispatcher.protocol().sessions;
    const auto session = sessions.find(id);
    if (!session)
        return false;
    sessions.end(session);
    return true;
}

std::size_t DispatcherSessions::broadcast(const ops::Broadcast& message)
{
    const auto wanted = [&](const mcp::Session& session) { return message.accepts(infoOf(session)); };
    return _dispatcher.protocol().subscriptions.broadcast(message.notification, wanted);
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

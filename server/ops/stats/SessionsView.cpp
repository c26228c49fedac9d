#include "ops/stats/SessionsView.h"

#include "mcp/methods/Protocol.h"
#include "net/mcp/SseStream.h"
#include "ops/Answers.h"

namespace tenon::ops
{

namespace
{

SessionInfo infoOf(const mcp::Session& session)
{
    SessionInfo info;
    info.id = session.id;
    info.principal = session.principal;
    info.transport = nameOf(session.transport);
    if (session.initialized())
        info.protocolVersion = std::string(mcp::textOf(session.version()));
    info.client = session.clientName();
    info.openedAt = session.openedAt;
    info.idleMs = session.idleMs();
    const auto* stream = dynamic_cast<const net::SseStream*>(session.connection.get());
    info.eventsSent = stream ? stream->events() : session.eventsSent();
    info.streaming = session.hasOpenStream();
    return info;
}

SessionInfo infoOf(const mcp::Listeners::Stream& stream)
{
    SessionInfo info;
    info.id = stream.id;
    info.principal = stream.principal;
    info.transport = nameOf(stream.transport);
    info.protocolVersion = std::string(mcp::textOf(mcp::NEWEST));
    info.openedAt = stream.openedAt;
    info.eventsSent = stream.eventsSent;
    info.streaming = info.modern = true;
    return info;
}

} // namespace

std::vector<SessionInfo> SessionsView::sessions() const
{
    std::vector<SessionInfo> all;
    for (const auto& session : _dispatcher.protocol().sessions.all())
        if (const auto* stream = dynamic_cast<const net::SseStream*>(session->connection.get());
            !stream || !stream->away()) // who went may come back, but is not there
            all.push_back(infoOf(*session));
    for (const auto& stream : _dispatcher.protocol().subscriptions.listeners.streams())
        all.push_back(infoOf(stream));
    return all;
}

bool SessionsView::end(std::string_view id)
{
    auto& protocol = _dispatcher.protocol();
    const auto session = protocol.sessions.find(id);
    if (!session)
        return protocol.subscriptions.listeners.end(id);
    protocol.endSession(session);
    return true;
}

bool SessionsView::mayBeElsewhere(std::string_view id) const
{
    return _dispatcher.protocol().cluster && !store::tagOf(id).empty();
}

void SessionsView::endElsewhere(const std::string& id, std::function<void(store::Outcome)> then)
{
    _dispatcher.protocol().cluster->endElsewhere(id, std::move(then));
}

std::size_t SessionsView::broadcast(const std::string& body)
{
    return _dispatcher.protocol().broadcast(body);
}

std::optional<Fleet> SessionsView::fleet() const
{
    const auto& protocol = _dispatcher.protocol();
    if (!protocol.cluster || !protocol.services.bus)
        return std::nullopt;
    return Fleet{protocol.services.instance.tag(), protocol.cluster->away(), protocol.cluster->members()};
}

} // namespace tenon::ops

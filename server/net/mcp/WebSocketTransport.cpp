#include "net/mcp/WebSocketTransport.h"

#include "net/http/WebSocketHandshake.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/PlainPost.h"
#include "net/route/MemoryRequest.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::net
{

namespace
{

class WebSocketHandler final : public Poco::Net::HTTPRequestHandler
{
public:
    explicit WebSocketHandler(const WebSocketSession::Services& services) : _services(services) {}

    void handleRequest(Poco::Net::HTTPServerRequest& posed, Poco::Net::HTTPServerResponse&) override
    {
        const auto& own = dynamic_cast<const MemoryRequest&>(posed);
        open(own.front(), own.memory().park());
    }

private:
    void open(const Request& request, const ExchangePtr& exchange) const
    {
        const WebSocketHandshake handshake = WebSocketHandshake::read(request.head);
        if (handshake.status != 101)
            return exchange->refuse(handshake.status, handshake.message, handshake.headers);
        if (const auto full = exchange->takeStream(request))
            return exchange->refuse(full->status, full->message, RETRY_SOON);
        const auto socket = std::make_shared<WebSocketSession>(_services, request, exchange);
        const auto session =
            _services.dispatcher.openConnectionSession(mcp::Transport::WEBSOCKET, request.admission.principal, socket,
                                                       {request.admission.holder, request.admission.limits});
        if (!session)
            return refuseSession(_services.dispatcher, exchange);
        socket->begin(session);
        exchange->ofSession(mcp::idOf(*session));
        exchange->onDisconnect(socket);
        exchange->leaveHttp(socket, handshake.headers);
    }

    const WebSocketSession::Services& _services;
};

} // namespace

HandlerFactory webSocketHandlers(const WebSocketSession::Services& services)
{
    return [services] { return std::make_unique<WebSocketHandler>(services); };
}

} // namespace tenon::net

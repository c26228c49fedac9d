#include "mcp/dispatch/SessionMessages.h"

#include "mcp/dispatch/ContextBuilder.h"

#include <Poco/Logger.h>

#include <string>

namespace tenon::mcp
{

void takeResponse(Protocol& protocol, const IncomingMessage& incoming, const base::JsonDocumentPtr& document,
                  const jsonrpc::Message& message, const ResponseSinkPtr& sink)
{
    const auto session = requireSession(protocol, incoming);
    if (!message.id.empty() && !session->respond(message, document))
    {
        Poco::Logger::get("tenon.mcp").debug("a response that matches no request of this instance: id " + message.id);
        if (protocol.cluster)
            return protocol.cluster->respond(*session, message, [sink] { sink->finish({}); });
    }
    sink->finish({});
}

void takeNotification(Protocol& protocol, const IncomingMessage& incoming, const jsonrpc::Message& message)
{
    const auto session = notifier(protocol, incoming, message);
    if (!session || message.method != "notifications/cancelled" || !message.hasParams)
        return; // the others ask for nothing
    base::JsonDocument::Element requestId;
    std::string id;
    if (!base::findMember(message.params, "requestId", requestId) || !jsonrpc::readId(requestId, id))
        return;
    const auto reason = base::textMember(message.params, "reason");
    if (const auto request = session->running(id))
        request->withdraw(reason);
    else if (!protocol.subscriptions.listeners.cancel(*session, id) && protocol.cluster)
        protocol.cluster->cancel(*session, id, reason);
}

} // namespace tenon::mcp

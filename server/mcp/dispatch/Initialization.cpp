#include "mcp/dispatch/Initialization.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogEscape.h"
#include "jsonrpc/Envelope.h"
#include "mcp/methods/Methods.h"
#include "mcp/revisions/Definitions.h"

#include <Poco/Logger.h>

#include <array>
#include <string>
#include <utility>

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

/// What the client agrees to.
struct Terms
{
    ProtocolVersion version = NEWEST_LEGACY;
    ClientCapabilities client;
    std::string clientName; ///< for logs
};

Terms termsOf(const RequestContext& context)
{
    Terms terms;
    JsonDocument::Element capabilities, info;
    const auto known = versionOf(context.requireText("protocolVersion"));
    if (known && !isModern(*known))
        terms.version = *known;
    if (context.param("capabilities", capabilities))
        terms.client = ClientCapabilities::read(capabilities, terms.version);
    if (context.param("clientInfo", info))
        terms.clientName = base::forLog(std::string(base::textMember(info, "name")) + ' ' +
                                        std::string(base::textMember(info, "version")));
    return terms;
}

SessionPtr sessionFor(Protocol& protocol, const IncomingMessage& incoming)
{
    auto session = incoming.transport == Transport::STREAMABLE_HTTP
                       ? protocol.sessions.open(incoming.principal, incoming.transport, nullptr, incoming.allowance)
                       : incoming.session;
    if (session)
        return session;
    if (protocol.draining)
        throw RpcException(ErrorKind::LIMIT, "the server is shutting down; connect again");
    if (protocol.sessions.full())
        throw RpcException(ErrorKind::LIMIT, "too many sessions; try again later");
    throw RpcException(ErrorKind::QUOTA,
                       "you have reached your limit of sessions; end one (DELETE), or try again later");
}

std::string resultText(Protocol& protocol, const RequestContext& context, ProtocolVersion version)
{
    std::string text;
    jsonrpc::appendResponseHead(text, context.id);
    base::JsonWriter writer(text);
    writer.beginObject().member("protocolVersion", textOf(version));
    writer.rawMember("capabilities", serverCapabilities(protocol, version, context.identified())).key("serverInfo");
    std::string implementation;
    appendFor(implementation, version, Shape::IMPLEMENTATION,
              JsonDocument::parse(protocol.options.implementation)->root());
    writer.raw(implementation);
    if (!protocol.options.instructions.empty())
        writer.member("instructions", protocol.options.instructions);
    writer.endObject();
    text += jsonrpc::RESPONSE_END;
    return text;
}

void logOpening(const IncomingMessage& incoming, const Session& session, const Terms& terms)
{
    Poco::Logger& logger = Poco::Logger::get("tenon.mcp");
    if (logger.information())
        logger.information("session opened session=" + session.id.substr(0, 8) +
                           " principal=" + incoming.principal->name + " client=" + terms.clientName + " revision=" +
                           std::string(textOf(terms.version)) + " address=" + std::string(incoming.clientAddress));
}

} // namespace

void initialize(Protocol& protocol, const IncomingMessage& incoming, const RequestContext& context, Operation* watched)
{
    const Terms terms = termsOf(context);
    const auto session = sessionFor(protocol, incoming);
    if (!session->initialize(terms.version, terms.client, terms.clientName))
        throw RpcException(ErrorKind::INVALID_REQUEST, "the session is initialized already");
    session->touch();
    if (watched) // before it is answered
    {
        watched->protocolVersion = textOf(terms.version);
        watched->sessionId = session->id;
    }
    if (context.sink->logs())
        context.sink->asked("initialize", {}, session->id);
    logOpening(incoming, *session, terms);

    const bool http = incoming.transport == Transport::STREAMABLE_HTTP;
    auto finish = [text = resultText(protocol, context, terms.version), sink = context.sink, session, http]
    {
        const std::array<std::string_view, 1> parts = {text};
        Answer answer;
        answer.parts = parts;
        if (http)
            answer.sessionId = session->id;
        sink->finish(answer);
    };
    if (http && protocol.cluster) // the client's next message may go to another instance
        return protocol.cluster->agreed(session, std::move(finish));
    finish();
}

} // namespace tenon::mcp

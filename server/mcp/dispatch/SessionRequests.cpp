#include "mcp/dispatch/SessionRequests.h"

#include "mcp/dispatch/Refusals.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;

namespace
{

constexpr const char* NEEDS_ID = "send the header Mcp-Session-Id that initialize gave";
constexpr const char* NOT_FOUND = "Session not found; initialize a new one";

} // namespace

void SessionRequests::openStream(const base::PrincipalPtr& principal, std::string_view sessionId,
                                 std::string_view protocolVersion, std::string_view lastEventId,
                                 const ResponseSinkPtr& sink)
{
    if (sessionId.empty())
        return finishError(sink, ErrorKind::SESSION_REQUIRED, {}, NEEDS_ID);
    const auto known = versionOf(protocolVersion);
    if (!protocolVersion.empty() && (!known || isModern(*known)))
        return finishError(sink, ErrorKind::BAD_VERSION_HEADER, {},
                           "MCP-Protocol-Version must name a revision with sessions, such as 2025-11-25");
    withSession(principal, sessionId, sink,
                [this, sink, lastEvent = std::string(lastEventId)](const SessionPtr& session)
                {
                    session->touch();
                    if (lastEvent.empty())
                        listen(session, sink);
                    else
                        resume(session, lastEvent, sink);
                });
}

void SessionRequests::end(const base::PrincipalPtr& principal, std::string_view sessionId, const ResponseSinkPtr& sink)
{
    if (sessionId.empty())
        return finishError(sink, ErrorKind::SESSION_REQUIRED, {}, NEEDS_ID);
    withSession(principal, sessionId, sink, [this, sink](const SessionPtr& session) { endHere(session, sink); });
}

/// Goes on with the session of that id, once it is here; the sink gets an error if there is none.
void SessionRequests::withSession(const base::PrincipalPtr& principal, std::string_view sessionId,
                                  const ResponseSinkPtr& sink, const std::function<void(const SessionPtr&)>& then)
{
    if (const auto session = _protocol.sessions.find(principal, sessionId))
        return then(session);
    if (!_protocol.cluster)
        return finishError(sink, ErrorKind::SESSION_NOT_FOUND, {}, NOT_FOUND);
    _protocol.cluster->fetch(principal, std::string(sessionId), {},
                             [sink, then](store::Outcome outcome, const SessionPtr& session)
                             {
                                 if (session)
                                     return then(session);
                                 if (outcome == store::Outcome::AWAY)
                                     return finishError(sink, ErrorKind::LIMIT, {},
                                                        "the session cannot be looked up now; try again");
                                 finishError(sink, ErrorKind::SESSION_NOT_FOUND, {}, NOT_FOUND);
                             });
}

void SessionRequests::listen(const SessionPtr& session, const ResponseSinkPtr& sink)
{
    const auto stream = session->openStandalone(_protocol.services.events, _protocol.options.streamRetryMs, sink);
    stream->openStream({}, 0);
    if (_protocol.cluster)
        _protocol.cluster->opened(session);
    if (session->ended()) // meanwhile: nobody else would close it
        stream->close(0);
}

void SessionRequests::resume(const SessionPtr& session, const std::string& lastEventId, const ResponseSinkPtr& sink)
{
    const auto cut = lastEventId.rfind('_');
    const std::string streamId = lastEventId.substr(0, cut == std::string::npos ? 0 : cut);
    Poco::UInt64 index = 0;
    const bool named =
        cut != std::string::npos && Poco::NumberParser::tryParseUnsigned64(lastEventId.substr(cut + 1), index);
    const auto stream = named ? session->stream(streamId) : nullptr;
    if (named && !stream && _protocol.cluster)
        return _protocol.cluster->resume(session, streamId, index, sink);
    try
    {
        if (!stream)
            throw Poco::NotFoundException("stream");
        _replayed.add(stream->resume(index, sink));
    }
    catch (const Poco::NotFoundException&)
    {
        // Not the status of a lost session: the client would give up this one, which is well.
        finishError(sink, ErrorKind::INVALID_REQUEST, {},
                    "Last-Event-ID names no stream that this session can resume; open a new one");
    }
}

void SessionRequests::endHere(const SessionPtr& session, const ResponseSinkPtr& sink)
{
    const auto uncertain = [sink]
    { finishError(sink, ErrorKind::LIMIT, {}, "the session cannot be ended everywhere now; try again"); };
    if (_protocol.cluster && _protocol.cluster->away()) // others would go on with it
        return uncertain();
    _protocol.endSession(session,
                         [sink, uncertain](bool certain)
                         {
                             if (certain)
                                 sink->finish({});
                             else
                                 uncertain();
                         });
}

} // namespace tenon::mcp

#include "net/mcp/SseReply.h"

#include "mcp/messages/OwnEvent.h"
#include "net/connection/FrontState.h"
#include "net/mcp/WrappedMessage.h"

#include <new>
#include <utility>

namespace tenon::net
{

SseReply::SseReply(SseStreamPtr stream, const SseProfile& profile, std::string method, std::string tool,
                   ExchangePtr poster, base::Histogram& durations)
    : _stream(std::move(stream)), _profile(profile), _method(std::move(method)), _tool(std::move(tool)),
      _durations(durations), _poster(std::move(poster))
{
}

bool SseReply::logs() const
{
    const std::lock_guard lock(_mutex);
    return _poster && _poster->logs();
}

void SseReply::asked(std::string_view method, std::string_view name, std::string_view sessionId)
{
    const std::lock_guard lock(_mutex);
    if (_poster)
        _poster->asked(method, name, sessionId);
}

std::string SseReply::settle()
{
    const std::lock_guard lock(_mutex);
    _settled = true;
    _poster.reset();
    return std::move(_rejection);
}

bool SseReply::tell(std::string_view event, std::string_view method, std::string_view message) const
{
    if (_profile.envelope == SseProfile::Envelope::NONE)
        return _stream->sendEvent(event, message);
    return _stream->sendEvent(event, wrapMessage(event, method, message));
}

bool SseReply::send(std::string_view message, std::string_view)
{
    // Only a profile that names its events by their kinds needs to know what this is.
    const bool named = !_tool.empty() && !_profile.toolResultEvent.empty();
    const std::string method = named ? methodOf(message) : std::string();
    const std::string_view ownType = mcp::ownTypeOf(method);
    const bool progress = isProgress(method);
    const std::lock_guard lock(_order);
    return !_done && tell(progress           ? _profile.toolResultEvent
                          : !ownType.empty() ? ownType
                                             : _profile.notificationEvent,
                          progress ? std::string_view(_tool) : std::string_view(), message);
}

bool SseReply::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return send(std::string_view(*message), eventId);
}

void SseReply::note(const mcp::Answer& answer)
{
    if (!answer.parts.empty())
        observeSince(_durations, _began);
    const std::lock_guard lock(_mutex);
    if (_poster && (answer.error != jsonrpc::ErrorKind::NONE || answer.toolFailed))
        _poster->failed();
}

void SseReply::finish(const mcp::Answer& answer)
{
    note(answer);
    try
    {
        const std::lock_guard lock(_order);
        if (!std::exchange(_done, true) && !answer.parts.empty())
            tellAnswer(answer);
        return;
    }
    catch (const std::bad_alloc&)
    {
        // There is no memory for the answer, and the client would wait for it: below, without the lock.
    }
    _stream->close(0);
}

void SseReply::tellAnswer(const mcp::Answer& answer)
{
    std::string text;
    for (const std::string_view& part : answer.parts)
        text.append(part);
    using Kind = jsonrpc::ErrorKind;
    if ((answer.error == Kind::PARSE || answer.error == Kind::INVALID_REQUEST) && reject(text))
        return;
    const bool failed = answer.error != Kind::NONE;
    if (failed && _profile.unknownToolIsMethod)
        text = asUnknownMethod(std::move(text));
    const bool ofTool = !failed && !_tool.empty() && !_profile.toolResultEvent.empty();
    tell(failed   ? _profile.errorEvent
         : ofTool ? _profile.toolResultEvent
                  : _profile.responseEvent,
         ofTool ? _tool : _method, text);
    if (failed && !_profile.errorNotice.empty())
        tell(_profile.errorNotice, _method, text);
}

bool SseReply::reject(std::string_view text)
{
    const std::lock_guard lock(_mutex);
    if (!_settled)
        _rejection = text;
    return !_settled;
}

void SseReply::close(std::uint32_t)
{
    const std::lock_guard lock(_order);
    _done = true;
}

bool SseReply::closed() const
{
    const std::lock_guard lock(_order);
    return _done || _stream->closed();
}

void SseReply::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    _stream->onDisconnect(std::move(listener));
}

} // namespace tenon::net

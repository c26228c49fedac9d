#include "net/mcp/SseStream.h"

#include "net/mcp/WrappedMessage.h"

#include <algorithm>
#include <new>
#include <utility>

namespace tenon::net
{

namespace
{

void replaceAll(std::string& text, std::string_view what, std::string_view with)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::string joined(const mcp::Answer& answer)
{
    std::string text;
    for (const std::string_view& part : answer.parts)
        text.append(part);
    return text;
}

} // namespace

SseStream::SseStream(ExchangePtr exchange, std::vector<const SseProfile*> profiles, base::PrincipalPtr principal,
                     Gone gone)
    : _exchange(std::move(exchange)), _profiles(std::move(profiles)), _principal(std::move(principal)),
      _gone(std::move(gone))
{
}

void SseStream::begin(std::string id, std::shared_ptr<mcp::Session> session)
{
    _id = std::move(id);
    const std::lock_guard lock(_mutex);
    _session = std::move(session);
}

std::shared_ptr<mcp::Session> SseStream::session() const
{
    const std::lock_guard lock(_mutex);
    return _session;
}

std::string SseStream::fill(std::string_view text, std::string_view path) const
{
    std::string filled(text);
    replaceAll(filled, "{path}", path);
    replaceAll(filled, "{id}", _id);
    if (filled.find("{time}") != std::string::npos)
        replaceAll(filled, "{time}", timeOfEvent());
    return filled;
}

bool SseStream::wants(std::string_view event) const
{
    return _wanted.empty() || std::find(_wanted.begin(), _wanted.end(),
                                        event.empty() ? std::string_view("message") : event) != _wanted.end();
}

bool SseStream::sendEvent(std::string_view event, std::string_view data)
{
    return wants(event) ? _exchange->sendEvent(event, {}, data) : !_exchange->closed();
}

bool SseStream::send(std::string_view message, std::string_view)
{
    bool sent = true;
    for (const SseProfile* profile : _profiles)
        sent = (profile->envelope == SseProfile::Envelope::NONE
                    ? sendEvent(profile->notificationEvent, message)
                    : sendEvent(profile->notificationEvent, wrapMessage(profile->notificationEvent, {}, message))) &&
               sent;
    return sent;
}

bool SseStream::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    if (_profiles.size() == 1 && _wanted.empty() && _profiles.front()->envelope == SseProfile::Envelope::NONE)
        return _exchange->send(message, eventId); // the exchange's event name is the profile's
    return send(std::string_view(*message), eventId);
}

void SseStream::broadcast(const std::shared_ptr<const std::string>& notification, std::string_view event,
                          std::string_view payload)
{
    if (_profiles.size() == 1 && _profiles.front()->envelope == SseProfile::Envelope::NONE)
    {
        send(notification, {});
        return;
    }
    for (const SseProfile* profile : _profiles)
        if (profile->envelope == SseProfile::Envelope::NONE)
            sendEvent(profile->notificationEvent, *notification);
        else if (!event.empty())
            sendEvent(event, payload);
        else
            sendEvent(profile->notificationEvent, wrapMessage(profile->notificationEvent, {}, *notification));
}

void SseStream::finish(const mcp::Answer& answer)
{
    if (!answer.parts.empty())
        send(joined(answer), {});
}

void SseStream::replace()
{
    _exchange->closesBecause("replaced");
    close(0);
}

void SseStream::close(std::uint32_t retryMs)
{
    _exchange->close(retryMs);
    disconnected(); // there is no peer any more, whoever ended it
}

void SseStream::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    {
        const std::lock_guard lock(_mutex);
        if (!_lost)
        {
            std::erase_if(_listeners, [](const auto& entry) { return entry.expired(); });
            _listeners.push_back(std::move(listener));
            return;
        }
    }
    if (const auto told = listener.lock())
        told->disconnected();
}

void SseStream::disconnected()
{
    std::shared_ptr<mcp::Session> session;
    std::vector<std::weak_ptr<mcp::DisconnectListener>> listeners;
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_lost, true))
            return;
        listeners = std::move(_listeners);
        session = std::move(_session);
    }
    for (const auto& listener : listeners)
        if (const auto told = listener.lock())
            told->disconnected();
    _gone(*this, session);
}

SseReply::SseReply(SseStreamPtr stream, const SseProfile& profile, std::string method, std::string tool,
                   ExchangePtr poster)
    : _stream(std::move(stream)), _profile(profile), _method(std::move(method)), _tool(std::move(tool)),
      _poster(std::move(poster))
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
    const std::lock_guard lock(_order);
    const bool ofTool = !_tool.empty() && !_profile.toolResultEvent.empty() && isProgress(message);
    return !_done && tell(ofTool ? _profile.toolResultEvent : _profile.notificationEvent,
                          ofTool ? std::string_view(_tool) : std::string_view(), message);
}

bool SseReply::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return send(std::string_view(*message), eventId);
}

void SseReply::finish(const mcp::Answer& answer)
{
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
    std::string text = joined(answer);
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

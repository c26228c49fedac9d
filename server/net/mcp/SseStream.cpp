#include "net/mcp/SseStream.h"

#include "base/JsonDocument.h"
#include "base/JsonWriter.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <new>
#include <utility>

namespace tenon::net
{

namespace
{

std::string now()
{
    return Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

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

std::string wrapMessage(std::string_view type, std::string_view method, std::string_view message)
{
    try
    {
        const auto document = base::JsonDocument::parse(message);
        simdjson::dom::element content;
        std::string out;
        base::JsonWriter writer(out);
        writer.beginObject().member("type", type);
        const std::string_view own = base::textMember(document->root(), "method");
        if (!method.empty() || !own.empty())
            writer.member("method", own.empty() ? method : own);
        if (base::findMember(document->root(), "error", content))
            writer.member("error", content);
        else if (base::findMember(document->root(), "result", content) ||
                 base::findMember(document->root(), "params", content))
            writer.member("result", content);
        if (own == "notifications/progress")
            writer.key("metadata").beginObject().member("progress", content).endObject();
        if (base::findMember(document->root(), "id", content))
            writer.member("id", content);
        writer.member("timestamp", now()).endObject();
        return out;
    }
    catch (const Poco::DataFormatException&)
    {
        return std::string(message);
    }
}

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
        replaceAll(filled, "{time}", now());
    return filled;
}

bool SseStream::sendEvent(std::string_view event, std::string_view data)
{
    return _exchange->sendEvent(event, {}, data);
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
    if (_profiles.size() == 1 && _profiles.front()->envelope == SseProfile::Envelope::NONE)
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
    return !_done && tell(_profile.notificationEvent, {}, message);
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
    const std::string text = joined(answer);
    using Kind = jsonrpc::ErrorKind;
    if ((answer.error == Kind::PARSE || answer.error == Kind::INVALID_REQUEST) && reject(text))
        return;
    const bool failed = answer.error != Kind::NONE;
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

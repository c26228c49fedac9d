#include "net/mcp/SseStream.h"

#include "base/json/JsonWriter.h"
#include "base/text/GiveBack.h"
#include "base/threads/ThreadRoot.h"
#include "net/http/SseFrame.h"
#include "net/mcp/WrappedMessage.h"

#include <algorithm>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t BATCH_BYTES = 65536; // that leave before their time

void replaceAll(std::string& text, std::string_view what, std::string_view with)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

} // namespace

class SseStream::Peer final : public mcp::DisconnectListener
{
public:
    Peer(std::weak_ptr<SseStream> stream, const Exchange* exchange) : _stream(std::move(stream)), _exchange(exchange) {}

    void disconnected() override
    {
        if (const auto stream = _stream.lock())
            stream->peerGone(_exchange);
    }

private:
    const std::weak_ptr<SseStream> _stream;
    const Exchange* const _exchange; ///< only to be compared
};

SseStream::SseStream(const Form& form, Gone gone) : _form(form), _gone(std::move(gone))
{
    if (resumes())
        _kept = std::make_unique<KeptEvents>(form.keptBytes, form.budget);
}

std::string SseStream::keyOf(const base::PrincipalPtr& principal, std::string_view id)
{
    return principal->id + '\n' + std::string(id);
}

void SseStream::begin(std::string id, std::shared_ptr<mcp::Session> session)
{
    _key = keyOf(principal(), id);
    _id = std::move(id);
    const std::lock_guard lock(_mutex);
    _session = std::move(session);
    _awaySince = std::chrono::steady_clock::now();
}

std::shared_ptr<SseStream::Peer> SseStream::listen(const ExchangePtr& exchange)
{
    auto peer = std::make_shared<Peer>(weak_from_this(), exchange.get());
    exchange->ofSession(_id);
    flush();
    _exchange = exchange;
    _peer = std::move(peer);
    exchange->openStream({}, 0);
    return _peer;
}

void SseStream::attach(const ExchangePtr& exchange)
{
    std::shared_ptr<Peer> peer;
    {
        const std::lock_guard lock(_mutex);
        if (!_lost)
            peer = listen(exchange);
    }
    if (peer)
        exchange->onDisconnect(peer);
    else
        exchange->close(0);
}

bool SseStream::comeBack(const ExchangePtr& exchange, std::vector<std::string> wanted, std::uint64_t after)
{
    ExchangePtr previous;
    std::shared_ptr<Peer> peer;
    {
        const std::lock_guard lock(_mutex);
        const auto missed =
            _kept && !_lost ? _kept->after(after) : std::optional<std::vector<const KeptEvents::Event*>>();
        if (!missed)
            return false;
        previous = _exchange;
        const auto previousPeer = _peer;
        try
        {
            peer = listen(exchange);
            for (const KeptEvents::Event* event : *missed)
                deliver(event->name, eventId(event->index), event->data);
        }
        catch (...) // no memory: it comes again, and finds the stream as it was
        {
            _exchange = previous;
            _peer = previousPeer;
            base::giveBack(_batch);
            _batched = 0;
            throw;
        }
        _wanted = std::move(wanted);
    }
    exchange->onDisconnect(peer);
    if (previous)
    {
        previous->closesBecause("replaced");
        previous->close(0);
    }
    return true;
}

void SseStream::want(std::vector<std::string> events)
{
    const std::lock_guard lock(_mutex);
    _wanted = std::move(events);
}

void SseStream::poll(const ExchangePtr& exchange, std::uint64_t after, std::chrono::milliseconds patience)
{
    const std::lock_guard lock(_mutex);
    if (_poll.exchange)
        answerPoll(_poll); // a client has one at a time; it does not wait for the answer to that any more
    Poll poll{exchange, after, std::chrono::steady_clock::now() + patience};
    const auto events = _kept ? _kept->after(after) : std::nullopt;
    if (_lost || patience.count() == 0 || !events || !events->empty())
        answerPoll(poll);
    else
        _poll = std::move(poll);
}

void SseStream::answerPoll(Poll& poll)
{
    std::string body;
    base::JsonWriter writer(body);
    writer.beginObject().member("connectionId", _id);
    auto events = _kept->after(poll.after);
    if (!events)
    {
        writer.member("missed", true); // some are no longer kept: these are the rest
        events = _kept->after(_kept->oldest());
    }
    writer.key("events").beginArray();
    for (const KeptEvents::Event* event : *events)
        writer.beginObject()
            .member("id", eventId(event->index))
            .member("event", event->name)
            .rawMember("data", event->data)
            .endObject();
    writer.endArray().endObject();
    const std::string_view part = body;
    std::exchange(poll.exchange, nullptr)->respond(200, "application/json", std::span(&part, 1));
    _awaySince = std::chrono::steady_clock::now();
}

bool SseStream::look(Time now, std::chrono::milliseconds resume)
{
    const std::lock_guard lock(_mutex);
    if (_poll.exchange && (now >= _poll.until || _poll.exchange->closed()))
        answerPoll(_poll);
    return !_exchange && !_poll.exchange && !_lost && now - _awaySince >= resume;
}

std::shared_ptr<mcp::Session> SseStream::session() const
{
    const std::lock_guard lock(_mutex);
    return _session;
}

bool SseStream::away() const
{
    // Who polls is there between two polls as well, for a while.
    constexpr std::chrono::seconds BETWEEN_POLLS{5};
    const std::lock_guard lock(_mutex);
    return !_exchange && !_poll.exchange && std::chrono::steady_clock::now() - _awaySince > BETWEEN_POLLS;
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
    const std::lock_guard lock(_mutex);
    if (_lost)
        return false;
    if (!wants(event))
        return true;
    _events.fetch_add(1, std::memory_order_relaxed);
    if (!_kept)
        return deliver(event, {}, data);
    deliver(event, eventId(_kept->append(event, data)), data);
    if (_poll.exchange)
        answerPoll(_poll);
    return true; // it is kept, even if nobody is there
}

bool SseStream::deliver(std::string_view event, std::string_view id, std::string_view data)
{
    if (!_exchange)
        return false;
    if (_form.batch.count() == 0)
        return _exchange->sendEvent(event, id, data);
    SseFrame{event, id}.append(_batch, data);
    if (++_batched > 1 && _batch.size() >= BATCH_BYTES)
        flush();
    else if (_batched == 1)
        _form.timers.after(_form.batch,
                           [weak = weak_from_this()]
                           {
                               if (const auto self = weak.lock())
                               {
                                   const std::lock_guard lock(self->_mutex);
                                   self->flush();
                               }
                           });
    return !_exchange->closed();
}

void SseStream::flush()
{
    if (_exchange && _batched > 0)
        _exchange->sendEvents(_batch, _batched);
    base::giveBack(_batch);
    _batched = 0;
}

bool SseStream::send(std::string_view message, std::string_view)
{
    bool sent = true;
    for (const SseProfile* profile : _form.profiles)
        sent = (profile->envelope == SseProfile::Envelope::NONE
                    ? sendEvent(profile->notificationEvent, message)
                    : sendEvent(profile->notificationEvent, wrapMessage(profile->notificationEvent, {}, message))) &&
               sent;
    return sent;
}

bool SseStream::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    if (_form.profiles.size() > 1 || _form.profiles.front()->envelope != SseProfile::Envelope::NONE || resumes() ||
        _form.batch.count() != 0)
        return send(std::string_view(*message), eventId);
    const std::lock_guard lock(_mutex);
    if (_lost || !_exchange)
        return false;
    if (!wants(_form.profiles.front()->notificationEvent))
        return true;
    _events.fetch_add(1, std::memory_order_relaxed);
    return _exchange->send(message, eventId); // the exchange's event name is the profile's
}

void SseStream::broadcast(const mcp::Broadcast& message, const std::shared_ptr<const std::string>& notification)
{
    if (_form.profiles.size() == 1 && _form.profiles.front()->envelope == SseProfile::Envelope::NONE)
    {
        send(notification, {});
        return;
    }
    for (const SseProfile* profile : _form.profiles)
        if (profile->envelope == SseProfile::Envelope::NONE)
            sendEvent(profile->notificationEvent, *notification);
        else if (!message.event().empty())
            sendEvent(message.event(), message.payload());
        else
            sendEvent(profile->notificationEvent, wrapMessage(profile->notificationEvent, {}, *notification));
}

void SseStream::finish(const mcp::Answer& answer)
{
    std::string text;
    for (const std::string_view& part : answer.parts)
        text.append(part);
    if (!text.empty())
        send(text, {});
}

void SseStream::end(std::string_view why)
{
    {
        const std::lock_guard lock(_mutex);
        if (_exchange)
            _exchange->closesBecause(why);
    }
    close(0);
}

void SseStream::close(std::uint32_t retryMs)
{
    ExchangePtr exchange;
    {
        const std::lock_guard lock(_mutex);
        flush();
        exchange = _exchange;
    }
    if (exchange)
        exchange->close(retryMs);
    lose(); // there is no peer any more, whoever ended it
}

bool SseStream::closed() const
{
    const std::lock_guard lock(_mutex);
    return _lost || (!_kept && _exchange && _exchange->closed());
}

void SseStream::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    _listeners.add(std::move(listener));
}

void SseStream::peerGone(const Exchange* exchange)
{
    ExchangePtr gone; // let go without the lock
    {
        const std::lock_guard lock(_mutex);
        if (_exchange.get() != exchange)
            return;
        if (_kept)
        {
            gone = std::move(_exchange);
            base::giveBack(_batch);
            _batched = 0;
            _awaySince = std::chrono::steady_clock::now();
            return;
        }
    }
    lose();
}

void SseStream::lose() noexcept
{
    std::shared_ptr<mcp::Session> session;
    ExchangePtr listening, polling; // let go without the lock
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_lost, true))
            return;
        if (_poll.exchange)
            base::threadRoot("the last answer to a poll", [this] { answerPoll(_poll); });
        polling = std::move(_poll.exchange); // of one that could not be answered
        listening = std::move(_exchange);
        session = std::move(_session);
    }
    _listeners.tell();
    base::threadRoot("the end of a stream", [&] { _gone(*this, session); });
}

} // namespace tenon::net

#include "mcp/sessions/SessionStream.h"

#include <utility>

namespace tenon::mcp
{

SessionStream::SessionStream(store::EventStore& events, std::string key, std::string id, bool priming,
                             std::uint32_t retryMs, std::shared_ptr<std::atomic<std::uint64_t>> sent)
    : _events(events), _key(std::move(key)), _id(std::move(id)), _priming(priming), _retryMs(retryMs),
      _sent(std::move(sent))
{
}

SessionStream::~SessionStream()
{
    if (_leaving)
        _events.leave(_key);
    else
        _events.drop(_key);
}

std::string SessionStream::eventId(std::uint64_t index) const
{
    const auto number = std::to_string(index);
    std::string id;
    id.reserve(_id.size() + 1 + number.size()); // an id that names its instance is longer than a string holds by itself
    return id.append(_id).append(1, '_').append(number);
}

/// Puts `sink` in the place of the one there was, which is given back, to be closed without the lock.
ResponseSinkPtr SessionStream::replace(const ResponseSinkPtr& sink)
{
    _peer = std::make_shared<Peer>();
    _announced = false;
    return std::exchange(_sink, sink);
}

void SessionStream::attach(const ResponseSinkPtr& sink)
{
    ResponseSinkPtr previous;
    std::shared_ptr<Peer> peer;
    {
        std::lock_guard lock(_mutex);
        previous = _finished ? sink : replace(sink);
        peer = _peer;
    }
    if (previous != sink)
        sink->onDisconnect(peer);
    if (previous)
        previous->close(0);
}

std::size_t SessionStream::resume(std::uint64_t index, const ResponseSinkPtr& sink)
{
    ResponseSinkPtr previous;
    std::shared_ptr<Peer> peer;
    std::size_t replayed = 0;
    {
        // Under the lock, so that nothing that is sent meanwhile overtakes the replay; sinks do not block.
        std::lock_guard lock(_mutex);
        const auto events = _events.after(_key, index);
        if (_finished && events.empty())
        {
            sink->finish({}); // the client has everything: no stream that it would come back to
            return 0;
        }
        sink->openStream("", 0);
        for (const auto& event : events)
            if (event.message && sink->send(event.message, eventId(event.index)))
                ++replayed;
        if (_finished)
        {
            sink->close(0);
            return replayed;
        }
        previous = replace(sink);
        _announced = true;
        peer = _peer;
    }
    sink->onDisconnect(peer);
    if (previous)
        previous->close(0);
    return replayed;
}

void SessionStream::open(std::uint32_t retryMs)
{
    _opened = true;
    if (std::exchange(_announced, true) || !_sink)
        return;
    // A client that begins anew on a stream that was open before gets a place of its own to come back to.
    std::string priming;
    if (_priming)
        priming = eventId(_events.append(_key, nullptr, false));
    if (present())
        _sink->openStream(priming, retryMs);
}

void SessionStream::release(std::uint32_t retryMs)
{
    ResponseSinkPtr released;
    bool told;
    const std::uint32_t retry = retryMs ? retryMs : _retryMs;
    {
        std::lock_guard lock(_mutex);
        if (!_priming || _finished || !present() || !_sink->streams())
            return;
        told = !_announced; // the priming event carries it
        open(retry);
        released = std::exchange(_sink, nullptr);
    }
    released->close(told ? 0 : retry);
}

bool SessionStream::finished() const
{
    std::lock_guard lock(_mutex);
    return _finished;
}

bool SessionStream::hasPeer() const
{
    std::lock_guard lock(_mutex);
    return present() && !_sink->closed();
}

bool SessionStream::streams() const
{
    std::lock_guard lock(_mutex);
    return _opened || (present() && _sink->streams());
}

void SessionStream::openStream(std::string_view, std::uint32_t retryMs)
{
    std::lock_guard lock(_mutex);
    if (!_finished)
        open(retryMs ? retryMs : _retryMs);
}

bool SessionStream::send(std::string_view message, std::string_view eventId)
{
    return send(std::make_shared<const std::string>(message), eventId);
}

bool SessionStream::send(const std::shared_ptr<const std::string>& message, std::string_view)
{
    ResponseSinkPtr gone; // let go without the lock
    std::lock_guard lock(_mutex);
    if (_finished || (!_opened && !(present() && _sink->streams())))
        return false;
    open(_retryMs);
    const auto id = eventId(_events.append(_key, message, false));
    _sent->fetch_add(1, std::memory_order_relaxed);
    if (!present() || !_sink->send(message, id))
        gone = std::exchange(_sink, nullptr);
    return true; // it is kept, even if nobody is there
}

void SessionStream::finish(const Answer& answer)
{
    ResponseSinkPtr sink;
    bool here = false;
    std::string id;
    std::shared_ptr<std::string> text;
    {
        std::lock_guard lock(_mutex);
        if (std::exchange(_finished, true))
            return;
        if (_opened)
        {
            text = std::make_shared<std::string>();
            std::size_t size = 0;
            for (const auto part : answer.parts)
                size += part.size();
            text->reserve(size); // it is kept, and counted by its size
            for (const auto part : answer.parts)
                *text += part;
            id = eventId(_events.append(_key, text, true));
            _sent->fetch_add(1, std::memory_order_relaxed);
        }
        here = present();
        sink = std::exchange(_sink, nullptr);
    }
    if (!here)
        return;
    Answer last = answer;
    last.eventId = id;
    sink->finish(last);
}

void SessionStream::close(std::uint32_t retryMs)
{
    ResponseSinkPtr sink;
    {
        std::lock_guard lock(_mutex);
        _finished = true;
        sink = std::exchange(_sink, nullptr);
    }
    if (sink)
        sink->close(retryMs);
}

bool SessionStream::closed() const
{
    std::lock_guard lock(_mutex);
    return _finished;
}

} // namespace tenon::mcp

#include "store/MemoryEventStore.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <iterator>

namespace tenon::store
{

namespace
{

/// Of the server's budget the events have one of so many parts.
constexpr unsigned PARTS = 8;

/// What an event takes beside its text.
constexpr std::size_t EVENT_BYTES = 128;

std::size_t sizeOf(const Event& event)
{
    return event.message ? event.message->size() : 0;
}

} // namespace

void MemoryEventStore::Log::dropFront()
{
    bytes -= sizeOf(events[dropped]);
    events[dropped++].message = nullptr;
    if (dropped < events.size() / 2)
        return;
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(dropped));
    dropped = 0;
}

MemoryEventStore::MemoryEventStore(std::size_t maxEvents, std::size_t maxBytes, base::Budget* budget)
    : _maxEvents(maxEvents), _maxBytes(maxBytes),
      _part(budget ? budget->limit() / PARTS : base::Budget::UNLIMITED, budget)
{
}

void MemoryEventStore::dropFrontOf(Log& log)
{
    _bytes -= sizeOf(log.events[log.dropped]);
    --_events;
    log.dropFront();
    ++_dropped;
}

void MemoryEventStore::erase(Logs::iterator log)
{
    _bytes -= log->second.bytes;
    _events -= log->second.events.size() - log->second.dropped;
    if (log->second.ended != 0)
        _ended.erase(log->second.ended);
    _logs.erase(log);
}

/// So that the budget holds what there is.
void MemoryEventStore::makeRoom(Log& added)
{
    const auto fits = [this] { return _share.tryResize(_bytes + _events * EVENT_BYTES); };
    while (!fits())
    {
        if (const auto first = _ended.begin(); first != _ended.end() && first->first != added.ended)
        {
            const auto log = _logs.find(first->second);
            _dropped += log->second.events.size() - log->second.dropped;
            erase(log);
        }
        else if (added.dropped < added.events.size())
            dropFrontOf(added);
        else
            return;
    }
}

std::uint64_t MemoryEventStore::append(const std::string& stream, std::shared_ptr<const std::string> message,
                                       bool final)
{
    std::lock_guard lock(_mutex);
    Log& log = _logs[stream];
    const Event& added = log.events.emplace_back(Event{log.next++, std::move(message), final});
    log.bytes += sizeOf(added);
    _bytes += sizeOf(added);
    ++_events;
    // The newest event always stays: it is the one that a client which is away must not lose.
    const std::uint64_t index = log.next - 1;
    for (auto kept = log.events.size() - log.dropped; kept > 1 && (kept > _maxEvents || log.bytes > _maxBytes); --kept)
        dropFrontOf(log);
    if (final && log.ended == 0)
    {
        _ended.emplace(++_lastEnded, stream);
        log.ended = _lastEnded;
    }
    makeRoom(log);
    return index;
}

std::vector<Event> MemoryEventStore::after(const std::string& stream, std::uint64_t index) const
{
    std::lock_guard lock(_mutex);
    const auto log = _logs.find(stream);
    if (log == _logs.end())
        throw Poco::NotFoundException("stream", stream);
    const auto& events = log->second.events;
    if (index >= log->second.next)
        throw Poco::NotFoundException("no event of that index was sent on stream", stream);
    const auto first = events.begin() + static_cast<std::ptrdiff_t>(log->second.dropped);
    if ((first != events.end() ? first->index : log->second.next) > index + 1)
        throw Poco::NotFoundException("events were dropped from stream", stream);
    std::vector<Event> later;
    std::copy_if(first, events.end(), std::back_inserter(later),
                 [index](const Event& event) { return event.index > index; });
    return later;
}

void MemoryEventStore::drop(const std::string& stream)
{
    std::lock_guard lock(_mutex);
    const auto log = _logs.find(stream);
    if (log == _logs.end())
        return;
    erase(log);
    _share.resize(_bytes + _events * EVENT_BYTES);
}

std::uint64_t MemoryEventStore::dropped() const
{
    std::lock_guard lock(_mutex);
    return _dropped;
}

std::size_t MemoryEventStore::bytes() const
{
    std::lock_guard lock(_mutex);
    return _bytes;
}

} // namespace tenon::store

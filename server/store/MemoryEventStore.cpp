#include "store/MemoryEventStore.h"

#include <Poco/Exception.h>

namespace tenon::store
{

namespace
{
std::size_t sizeOf(const Event& event)
{
    return event.message ? event.message->size() : 0;
}
} // namespace

MemoryEventStore::MemoryEventStore(std::size_t maxEvents, std::size_t maxBytes)
    : _maxEvents(maxEvents), _maxBytes(maxBytes)
{
}

std::uint64_t MemoryEventStore::append(const std::string& stream, std::shared_ptr<const std::string> message, bool final)
{
    std::lock_guard lock(_mutex);
    Log& log = _logs[stream];
    const Event& added = log.events.emplace_back(Event{log.next++, std::move(message), final});
    log.bytes += sizeOf(added);
    _bytes += sizeOf(added);
    // The newest event always stays: it is the one that a client which is away must not lose.
    while (log.events.size() > 1 && (log.events.size() > _maxEvents || log.bytes > _maxBytes))
    {
        log.bytes -= sizeOf(log.events.front());
        _bytes -= sizeOf(log.events.front());
        log.events.pop_front();
        ++_dropped;
    }
    return added.index;
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
    if (!events.empty() && events.front().index > index + 1)
        throw Poco::NotFoundException("events were dropped from stream", stream);
    std::vector<Event> later;
    for (const auto& event : events)
        if (event.index > index)
            later.push_back(event);
    return later;
}

void MemoryEventStore::drop(const std::string& stream)
{
    std::lock_guard lock(_mutex);
    const auto log = _logs.find(stream);
    if (log == _logs.end())
        return;
    _bytes -= log->second.bytes;
    _logs.erase(log);
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

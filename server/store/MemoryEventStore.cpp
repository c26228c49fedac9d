#include "store/MemoryEventStore.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <iterator>

namespace tenon::store
{

namespace
{
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

MemoryEventStore::MemoryEventStore(std::size_t maxEvents, std::size_t maxBytes)
    : _maxEvents(maxEvents), _maxBytes(maxBytes)
{
}

std::uint64_t MemoryEventStore::append(const std::string& stream, std::shared_ptr<const std::string> message,
                                       bool final)
{
    std::lock_guard lock(_mutex);
    Log& log = _logs[stream];
    const Event& added = log.events.emplace_back(Event{log.next++, std::move(message), final});
    log.bytes += sizeOf(added);
    _bytes += sizeOf(added);
    // The newest event always stays: it is the one that a client which is away must not lose.
    const std::uint64_t index = log.next - 1;
    for (auto kept = log.events.size() - log.dropped; kept > 1 && (kept > _maxEvents || log.bytes > _maxBytes); --kept)
    {
        _bytes -= sizeOf(log.events[log.dropped]);
        log.dropFront();
        ++_dropped;
    }
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
    if (first != events.end() && first->index > index + 1)
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

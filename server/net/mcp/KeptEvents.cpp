#include "net/mcp/KeptEvents.h"

namespace tenon::net
{

namespace
{

std::size_t bytesOf(const KeptEvents::Event& event)
{
    return sizeof event + event.name.size() + event.data.size();
}

} // namespace

std::uint64_t KeptEvents::append(std::string_view name, std::string_view data)
{
    const Event& added = _events.emplace_back(Event{++_last, std::string(name), std::string(data)});
    _bytes += bytesOf(added);
    // The newest stays whatever it measures: it may be the answer that a client is waiting for.
    while (_events.size() > 1 && (_events.size() > MAX_EVENTS || _bytes > _maxBytes))
    {
        _bytes -= bytesOf(_events.front());
        _events.pop_front();
    }
    _held.resize(_bytes);
    return _last;
}

std::optional<std::vector<const KeptEvents::Event*>> KeptEvents::after(std::uint64_t index) const
{
    if (index > _last || index < oldest())
        return std::nullopt;
    std::vector<const Event*> events;
    for (const Event& event : _events)
        if (event.index > index)
            events.push_back(&event);
    return events;
}

} // namespace tenon::net

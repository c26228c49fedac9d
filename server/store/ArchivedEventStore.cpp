#include "store/ArchivedEventStore.h"

namespace tenon::store
{

void ArchivedEventStore::begin(const std::string& stream, const std::string& answers)
{
    std::lock_guard lock(_mutex);
    _streams.insert_or_assign(stream, Begun{answers});
}

std::uint64_t ArchivedEventStore::append(const std::string& stream, std::shared_ptr<const std::string> message,
                                         bool final)
{
    std::lock_guard lock(_mutex);
    Event event{0, message, final};
    event.index = _atHand.append(stream, std::move(message), final);
    auto& begun = _streams[stream];
    begun.kept = true;
    _archive.append(stream, event, begun.answers, _ttlMs);
    return event.index;
}

std::vector<Event> ArchivedEventStore::after(const std::string& stream, std::uint64_t index) const
{
    return _atHand.after(stream, index);
}

void ArchivedEventStore::drop(const std::string& stream)
{
    if (forget(stream))
        _archive.drop(stream);
}

void ArchivedEventStore::leave(const std::string& stream)
{
    (void)forget(stream);
}

/// Whether anything of it went to the archive.
bool ArchivedEventStore::forget(const std::string& stream)
{
    std::lock_guard lock(_mutex);
    const auto found = _streams.find(stream);
    if (found == _streams.end())
        return false;
    const bool kept = found->second.kept;
    _streams.erase(found);
    if (kept)
        _atHand.drop(stream);
    return kept;
}

} // namespace tenon::store

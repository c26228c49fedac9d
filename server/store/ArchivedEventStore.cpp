#include "store/ArchivedEventStore.h"

namespace tenon::store
{

void ArchivedEventStore::begin(const std::string& stream, const std::string& answers)
{
    std::lock_guard lock(_mutex);
    _answers.insert_or_assign(stream, answers);
}

std::uint64_t ArchivedEventStore::append(const std::string& stream, std::shared_ptr<const std::string> message,
                                         bool final)
{
    std::string text = message ? *message : std::string();
    std::lock_guard lock(_mutex);
    const auto index = _atHand.append(stream, std::move(message), final);
    const auto found = _answers.find(stream);
    _archive.append(stream, {index, std::move(text), final}, found == _answers.end() ? std::string() : found->second,
                    _ttlMs);
    return index;
}

std::vector<Event> ArchivedEventStore::after(const std::string& stream, std::uint64_t index) const
{
    return _atHand.after(stream, index);
}

void ArchivedEventStore::drop(const std::string& stream)
{
    leave(stream);
    _archive.drop(stream);
}

void ArchivedEventStore::leave(const std::string& stream)
{
    _atHand.drop(stream);
    std::lock_guard lock(_mutex);
    _answers.erase(stream);
}

} // namespace tenon::store

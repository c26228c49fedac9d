#include "store/memory/MemoryArchive.h"

#include "base/threads/SteadyClock.h"
#include "store/StreamParts.h"

#include <algorithm>

namespace tenon::store
{

void MemoryArchive::expire()
{
    const auto now = base::steadyMs();
    std::erase_if(_records, [now](const auto& entry) { return entry.second.until <= now; });
    std::erase_if(_streams, [now](const auto& entry) { return entry.second.until <= now; });
    std::erase_if(_removed, [now](const auto& entry) { return entry.second <= now; });
}

void MemoryArchive::put(Record record, Kept kept)
{
    auto outcome = Outcome::FOUND;
    {
        std::lock_guard lock(_mutex);
        expire();
        const auto key = std::make_pair(record.kind, record.id);
        const auto found = _records.find(key);
        if (_away)
            outcome = Outcome::AWAY;
        else if (_removed.count(key) != 0 ||
                 (record.replaces ? found == _records.end() || found->second.record.version != *record.replaces
                                  : found != _records.end() && record.version != 0 &&
                                        found->second.record.version >= record.version))
            outcome = Outcome::UNKNOWN;
        else
        {
            const auto order = found == _records.end() ? _next++ : found->second.order;
            const auto until = base::steadyMs() + record.ttlMs;
            _records.insert_or_assign(key, Entry{std::move(record), order, until});
        }
    }
    if (kept)
        kept(outcome);
}

void MemoryArchive::get(RecordKind kind, const std::string& id, Found found)
{
    auto outcome = Outcome::UNKNOWN;
    Record record;
    {
        std::lock_guard lock(_mutex);
        expire();
        const auto entry = _records.find({kind, id});
        if (_away)
            outcome = Outcome::AWAY;
        else if (entry != _records.end())
        {
            outcome = Outcome::FOUND;
            record = entry->second.record;
        }
    }
    found(outcome, record);
}

void MemoryArchive::touch(RecordKind kind, const std::string& id, std::int64_t ttlMs)
{
    std::lock_guard lock(_mutex);
    expire();
    if (const auto entry = _records.find({kind, id}); !_away && entry != _records.end())
        entry->second.until = base::steadyMs() + ttlMs;
}

void MemoryArchive::remove(RecordKind kind, const std::string& id, Kept removed)
{
    auto outcome = Outcome::AWAY;
    {
        std::lock_guard lock(_mutex);
        if (!_away)
        {
            _records.erase({kind, id});
            _removed.insert_or_assign({kind, id}, base::steadyMs() + REMOVED_MS);
            outcome = Outcome::FOUND;
        }
    }
    if (removed)
        removed(outcome);
}

void MemoryArchive::list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
                         Listed listed)
{
    auto outcome = Outcome::FOUND;
    std::vector<Record> records;
    {
        std::lock_guard lock(_mutex);
        expire();
        std::vector<const Entry*> entries;
        for (const auto& [key, entry] : _records)
            if (key.first == kind && entry.record.owner == owner)
                entries.push_back(&entry);
        std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
        const auto at = std::find_if(entries.begin(), entries.end(),
                                     [&after](const auto* entry) { return entry->record.id == after; });
        if (_away)
            outcome = Outcome::AWAY;
        else if (!after.empty() && at == entries.end())
            outcome = Outcome::UNKNOWN;
        else
            for (auto next = after.empty() ? entries.begin() : at + 1; next != entries.end() && records.size() < limit;
                 ++next)
                records.push_back((*next)->record);
    }
    listed(outcome, records);
}

void MemoryArchive::append(const std::string& stream, const Event& event, const std::string& answers,
                           std::int64_t ttlMs)
{
    std::lock_guard lock(_mutex);
    expire();
    if (_away)
        return;
    Log& log = _streams[stream];
    if (isFinished(log.stream))
        return;
    log.stream.answers = answers;
    log.stream.events.push_back({event.index, event.message ? *event.message : std::string(), event.final});
    if (log.stream.events.size() > _maxEvents)
        log.stream.events.erase(log.stream.events.begin());
    log.until = base::steadyMs() + ttlMs;
}

void MemoryArchive::after(const std::string& stream, std::uint64_t index, Events events)
{
    auto outcome = Outcome::UNKNOWN;
    ArchivedStream found;
    {
        std::lock_guard lock(_mutex);
        expire();
        const auto log = _streams.find(stream);
        if (_away)
            outcome = Outcome::AWAY;
        else if (log != _streams.end())
        {
            found = log->second.stream;
            outcome = keepLater(found, index) ? Outcome::FOUND : Outcome::UNKNOWN;
        }
    }
    events(outcome, found);
}

void MemoryArchive::seal(const std::string& stream, std::uint64_t index, const std::string& answers,
                         std::string message, std::int64_t ttlMs, const std::string& /*heirOf*/, Kept kept)
{
    auto outcome = Outcome::UNKNOWN;
    {
        std::lock_guard lock(_mutex);
        expire();
        if (_away)
            outcome = Outcome::AWAY;
        else if (auto& log = _streams[stream]; !isFinished(log.stream))
        {
            auto& events = log.stream.events;
            const auto last = events.empty() ? index : std::max(index, events.back().index);
            if (events.empty())
                log.stream.answers = answers;
            events.push_back({last + 1, std::move(message), true});
            log.until = base::steadyMs() + ttlMs;
            outcome = Outcome::FOUND;
        }
    }
    if (kept)
        kept(outcome);
}

void MemoryArchive::drop(const std::string& stream)
{
    std::lock_guard lock(_mutex);
    if (!_away)
        _streams.erase(stream);
}

void MemoryArchive::onReturn(std::function<void()> told)
{
    std::lock_guard lock(_mutex);
    _told.push_back(std::move(told));
}

bool MemoryArchive::away() const
{
    std::lock_guard lock(_mutex);
    return _away;
}

void MemoryArchive::leave()
{
    std::lock_guard lock(_mutex);
    _away = true;
}

void MemoryArchive::comeBack(bool empty)
{
    std::vector<std::function<void()>> told;
    {
        std::lock_guard lock(_mutex);
        _away = false;
        if (empty)
        {
            _records.clear();
            _streams.clear();
            _removed.clear();
        }
        told = _told;
    }
    for (const auto& tell : told)
        tell();
}

} // namespace tenon::store

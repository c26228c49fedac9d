#pragma once

#include "store/Archive.h"

#include <map>
#include <mutex>
#include <utility>

namespace tenon::store
{

/// An archive in memory: for instances in one process, as tests have them. Bounded by stream.
///
/// Threading: any thread; callbacks run before the call returns.
class MemoryArchive : public Archive
{
public:
    explicit MemoryArchive(std::size_t maxEvents = 256) : _maxEvents(maxEvents) {}

    void put(Record record, Kept kept) override;
    void get(RecordKind kind, const std::string& id, Found found) override;
    void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs) override;
    void remove(RecordKind kind, const std::string& id, Kept removed) override;
    void list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
              Listed listed) override;
    void append(const std::string& stream, const Event& event, const std::string& answers, std::int64_t ttlMs) override;
    void after(const std::string& stream, std::uint64_t index, Events events) override;
    void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
              std::int64_t ttlMs, const std::string& heirOf, Kept kept) override;
    void drop(const std::string& stream) override;
    void onReturn(std::function<void()> told) override;
    [[nodiscard]] bool away() const override;

    /// Plays an archive that does not answer, and one that comes back, `empty` or with what it had.
    void leave();
    void comeBack(bool empty);

private:
    struct Entry
    {
        Record record;
        std::uint64_t order = 0; ///< of its making
        std::int64_t until = 0;  ///< base::steadyMs
    };
    struct Log
    {
        ArchivedStream stream;
        std::int64_t until = 0;
    };

    // With _mutex.
    void expire();

    const std::size_t _maxEvents;

    mutable std::mutex _mutex; // guards all below
    bool _away = false;
    std::uint64_t _next = 0;
    std::map<std::pair<RecordKind, std::string>, Entry> _records;
    std::map<std::pair<RecordKind, std::string>, std::int64_t> _removed; ///< base::steadyMs: until when
    std::map<std::string, Log> _streams;
    std::vector<std::function<void()>> _told;
};

} // namespace tenon::store

#pragma once

#include "store/Archive.h"
#include "store/redis/RedisLink.h"

#include <memory>
#include <string>

namespace tenon::store
{

/// An archive in Redis. Every key has a TTL.
///
/// Threading: any thread.
/// Ownership: borrows the link.
class RedisArchive : public Archive
{
public:
    /// Shape: `prefix` is of all keys, so that services can share a server; a stream keeps `maxEvents`; `settleMs` is how
    ///        long after Redis was away others may need to write again what it lost.
    RedisArchive(RedisLink& link, std::string prefix, std::size_t maxEvents, std::int64_t settleMs);

    void put(Record record, Kept kept) override;
    void get(RecordKind kind, const std::string& id, Found found) override;
    void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs) override;
    void remove(RecordKind kind, const std::string& id, Kept removed) override;
    void list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
              Listed listed) override;
    void append(const std::string& stream, ArchivedEvent event, const std::string& answers,
                std::int64_t ttlMs) override;
    void after(const std::string& stream, std::uint64_t index, Events events) override;
    void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
              std::int64_t ttlMs, Kept kept) override;
    void drop(const std::string& stream) override;
    void onReturn(std::function<void()> told) override { _link.onReturn(std::move(told)); }
    [[nodiscard]] bool away() const override { return _link.away(); }
    [[nodiscard]] bool settling() const override { return _link.steadyForMs() < _settleMs; }

private:
    struct Batch;
    struct Batches;

    void close(const std::string& stream);
    [[nodiscard]] std::string keyOf(RecordKind kind, const std::string& id) const;
    [[nodiscard]] std::string listOf(RecordKind kind, const std::string& owner) const;
    [[nodiscard]] std::string streamOf(const std::string& stream) const;

    RedisLink& _link;
    const std::string _prefix;
    const std::string _maxEvents;
    const std::int64_t _settleMs;
    const std::shared_ptr<Batches> _batches; ///< answers may come after the end of the archive
};

} // namespace tenon::store

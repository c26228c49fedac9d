#pragma once

#include "store/Archive.h"
#include "store/redis/RedisLink.h"
#include "store/redis/RedisMembers.h"
#include "store/redis/RedisStreams.h"

#include <string>
#include <utility>

namespace tenon::store
{

/// An archive in Redis. Every key has a TTL.
///
/// Threading: any thread.
/// Ownership: borrows the link.
class RedisArchive : public Archive
{
public:
    /// Shape: `prefix` is of all keys, so that services can share a server; a stream keeps `maxEvents`; `leaseMs` is that of
    ///        the bus, and how long after Redis was away others may need to write again what it lost.
    RedisArchive(RedisLink& link, std::string prefix, std::size_t maxEvents, std::int64_t leaseMs);

    void put(Record record, Kept kept) override;
    void get(RecordKind kind, const std::string& id, Found found) override;
    void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs) override;
    void remove(RecordKind kind, const std::string& id, Kept removed) override;
    void list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
              Listed listed) override;
    void append(const std::string& stream, const Event& event, const std::string& answers, std::int64_t ttlMs) override
    {
        _streams.append(stream, event, answers, ttlMs);
    }
    void after(const std::string& stream, std::uint64_t index, Events events) override
    {
        _streams.after(stream, index, std::move(events));
    }
    void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
              std::int64_t ttlMs, const std::string& heirOf, Kept kept) override
    {
        _streams.seal(stream, index, answers, std::move(message), ttlMs, heirOf, std::move(kept));
    }
    void drop(const std::string& stream) override { _streams.drop(stream); }
    void onReturn(std::function<void()> told) override { _link.onReturn(std::move(told)); }
    [[nodiscard]] bool away() const override { return _link.away(); }
    [[nodiscard]] bool settling() const override { return _link.steadyForMs() < _leaseMs; }

private:
    [[nodiscard]] std::string keyOf(RecordKind kind, const std::string& id) const;
    [[nodiscard]] std::string listOf(RecordKind kind, const std::string& owner) const;

    RedisLink& _link;
    const std::string _prefix;
    const RedisMembers _who;
    const std::int64_t _leaseMs;
    RedisStreams _streams;
};

} // namespace tenon::store

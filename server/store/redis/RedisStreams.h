#pragma once

#include "store/Archive.h"
#include "store/redis/RedisLink.h"
#include "store/redis/RedisMembers.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace tenon::store
{

/// The streams of an archive in Redis.
///
/// Shape:     An event is "<index> <1 if it is the last> <bytes of answers>:<answers><message>". A stream that goes on is a
///            list of them. One that takes no more is a string, "<bytes>:<event>" for each: Redis itself refuses to push
///            to it, so nobody asks before he does.
/// Threading: any thread.
/// Ownership: borrows the link.
class RedisStreams
{
public:
    /// Shape: `prefix` is of all keys; a stream keeps `maxEvents`; `leaseMs` is that of the bus.
    RedisStreams(RedisLink& link, const std::string& prefix, std::size_t maxEvents, std::int64_t leaseMs);

    // As in Archive.
    void append(const std::string& stream, const Event& event, const std::string& answers, std::int64_t ttlMs);
    void after(const std::string& stream, std::uint64_t index, Archive::Events events);
    void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
              std::int64_t ttlMs, const std::string& heirOf, Archive::Kept kept);
    void drop(const std::string& stream);

private:
    class Batch;
    class Drops;
    struct Batches;

    void close(std::unordered_map<std::string, std::shared_ptr<Batch>>::iterator batch);
    void close(const std::string& stream);
    [[nodiscard]] std::string keyOf(const std::string& stream) const;

    RedisLink& _link;
    const RedisMembers _who;
    const std::string _leaseMs;
    const std::shared_ptr<Batches> _batches; ///< the link may send after the end of the streams
};

} // namespace tenon::store

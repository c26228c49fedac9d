#pragma once

#include "store/redis/wire/RedisAddress.h"
#include "store/redis/wire/RedisReply.h"
#include "store/redis/wire/RedisWords.h"

#include <chrono>
#include <memory>

struct redisReply;

namespace tenon::store
{

/// Commands to one server and the replies in what comes back.
///
/// Threading: one thread. What it waits for is bounded by the patience that it was made with.
/// Errors:    every function throws Poco::IOException that says why and not to whom.
class RedisChannel
{
public:
    /// Connects, with TLS if the address says so.
    [[nodiscard]] static std::unique_ptr<RedisChannel>
    open(const RedisAddress& address, const RedisAddress::Place& place, std::chrono::milliseconds patience);

    virtual ~RedisChannel() = default;

    /// Sent with the next `flush`.
    virtual void add(RedisWords& command) = 0;
    virtual void flush() = 0;
    /// The reply to the oldest command that was sent and has none yet.
    [[nodiscard]] virtual RedisReply next() = 0;

protected:
    [[nodiscard]] static RedisReply copied(const redisReply& from);
};

} // namespace tenon::store

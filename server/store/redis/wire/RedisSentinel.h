#pragma once

#include "store/redis/wire/RedisAddress.h"
#include "store/redis/wire/RedisChannel.h"

#include <chrono>
#include <memory>

namespace tenon::store
{

/// A connection to one Sentinel.
///
/// Threading: one thread. What it waits for is bounded by its patience.
/// Errors:    every function throws Poco::IOException that says why.
class RedisSentinel
{
public:
    /// Ownership: borrows the address.
    RedisSentinel(const RedisAddress& address, const RedisAddress::Place& place, std::chrono::milliseconds patience);

    /// Where the master is, by its word; one may not have heard yet of a failover.
    [[nodiscard]] RedisAddress::Place master();

private:
    const RedisAddress& _address;
    const RedisAddress::Place _place;
    std::unique_ptr<RedisChannel> _channel;
};

} // namespace tenon::store

#pragma once

#include "store/SharedLimits.h"
#include "store/redis/RedisLink.h"
#include "store/redis/RedisMembers.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace tenon::store
{

/// Buckets and quotas in Redis, by its clock. Every key has a TTL: a bucket that is full again takes no memory.
///
/// Threading: any thread.
/// Ownership: borrows the link.
class RedisLimits : public SharedLimits
{
public:
    /// Shape: `prefix` as RedisArchive's, `tag` as RedisBus': who gives no sign of life has no places any more.
    RedisLimits(RedisLink& link, std::string prefix, std::string tag);

    void draw(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted,
              std::function<void(const Drawn*)> answer) override;
    void reserve(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted,
                 std::function<void(const Reserved*)> answer) override;
    [[nodiscard]] bool away() const override { return _link.away(); }

private:
    void ask(RedisCommand command, RedisLink::Answered answered, const std::function<void()>& refused);

    RedisLink& _link;
    const std::string _prefix;
    const RedisMembers _who;
    const std::string _tag;
    /// Questions without an answer yet: whoever has many addresses must not fill the queue that sessions and events are in.
    const std::shared_ptr<std::atomic<std::size_t>> _asked;
};

} // namespace tenon::store

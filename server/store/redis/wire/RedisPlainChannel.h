#pragma once

#include "store/redis/wire/RedisChannel.h"

#include <chrono>
#include <memory>
#include <string>

struct redisContext;

namespace tenon::store
{

/// Over TCP alone.
class RedisPlainChannel final : public RedisChannel
{
public:
    RedisPlainChannel(const RedisAddress::Place& place, std::chrono::milliseconds patience);
    ~RedisPlainChannel() override;
    RedisPlainChannel(const RedisPlainChannel&) = delete;
    RedisPlainChannel& operator=(const RedisPlainChannel&) = delete;

    void add(RedisWords& command) override;
    void flush() override;
    [[nodiscard]] RedisReply next() override;

private:
    [[noreturn]] void fail(const std::string& what) const;

    struct Free
    {
        void operator()(redisContext* context) const;
    };
    std::unique_ptr<redisContext, Free> _context;
};

} // namespace tenon::store

#pragma once

#include "store/redis/wire/RedisAddress.h"
#include "store/redis/wire/RedisChannel.h"
#include "store/redis/wire/RedisReply.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace tenon::store
{

/// One connection to a Redis server: commands out, answers in, by whoever owns it.
///
/// Threading: one thread. What it waits for is bounded by its patience, whatever the server does.
/// Errors:    every function throws Poco::IOException; the connection is of no use after that.
class RedisConnection
{
public:
    /// Connects, to where the Sentinels say if there are any, and says who we are.
    RedisConnection(const RedisAddress& address, std::chrono::milliseconds patience);
    ~RedisConnection();
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;

    /// Sends all, then reads all answers; an error of Redis is an answer.
    [[nodiscard]] std::vector<RedisReply> askAll(const std::vector<RedisCommand>& commands);
    [[nodiscard]] RedisReply ask(const RedisCommand& command);

    // The same in steps: what is added goes out with `flush`, and `next` gives the answers in that order.
    void add(RedisWords& command);
    void flush();
    [[nodiscard]] RedisReply next();

    /// Tells one run of the server from another.
    [[nodiscard]] const std::string& runId() const { return _runId; }

    /// Which server it is, as RedisAddress::Place::text.
    [[nodiscard]] const std::string& place() const { return _place; }

private:
    void open(const RedisAddress::Place& place, std::chrono::milliseconds patience);
    void openMaster(std::chrono::milliseconds patience);
    void introduce();

    template <typename Work>
    void reach(Work&& work) const;
    void check(const RedisReply& reply, const char* what) const;
    [[noreturn]] void fail(const std::string& what) const;

    const RedisAddress _address;
    std::unique_ptr<RedisChannel> _channel;
    std::string _place;
    std::string _runId;
};

} // namespace tenon::store

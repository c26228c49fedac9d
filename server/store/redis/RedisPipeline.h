#pragma once

#include "store/redis/RedisConnection.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tenon::store
{

/// Commands on their way over one connection, and who waits for their answers. What was sent may be answered while more is
/// sent: nobody waits on the line.
///
/// Threading: one thread.
/// Errors:    Poco::IOException: another connection is needed.
class RedisPipeline
{
public:
    /// Shape: null: there is no answer; whether the command was carried out is not known.
    using Answered = std::function<void(const RedisReply* reply)>;

    /// Tells whoever waits. What that throws neither looks like a broken connection nor keeps others from their answers.
    static void tell(const Answered& answered, const RedisReply* reply);

    /// Connects.
    RedisPipeline(const RedisAddress& address, std::chrono::milliseconds patience);

    void add(const RedisCommand& command, Answered answered);
    void add(std::span<const std::string_view> command); ///< nobody waits for the answer

    /// Sends what was added.
    void send();

    /// Reads the answers to the oldest `count` commands that have none yet, and tells whoever waits.
    void receive(std::size_t count);

    [[nodiscard]] const std::string& place() const { return _connection.place(); } ///< the server's

    /// Commands without an answer yet.
    [[nodiscard]] std::size_t open() const { return _open.size(); }

    /// Tells whoever waits that there will be no answer. Gives how many commands that were.
    std::size_t lose();

private:
    struct Open
    {
        std::string name; ///< of the command
        Answered answered;
    };

    RedisConnection _connection;
    const std::string _server; ///< as errors name it
    RedisWords _words;
    std::deque<Open> _open;
};

} // namespace tenon::store

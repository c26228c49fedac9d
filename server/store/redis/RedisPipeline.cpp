#include "store/redis/RedisPipeline.h"

#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <utility>

namespace tenon::store
{

namespace
{

/// At an error. Why another connection is needed; empty: it is not.
std::string_view look(const std::string& command, const RedisReply& reply)
{
    if (reply.text.starts_with("WRONGTYPE")) // a stream that others have ended meanwhile
        return {};
    Poco::Logger::get("tenon.store").warning("Redis refuses " + command + ": " + reply.text);
    if (reply.text.starts_with("READONLY")) // another is the master since a failover
        return " is no longer the master";
    if (reply.text.starts_with("NOSCRIPT")) // somebody had it flush its scripts: a new connection brings them
        return " has lost the scripts";
    return {};
}

} // namespace

RedisPipeline::RedisPipeline(const RedisAddress& address, std::chrono::milliseconds patience)
    : _connection(address, patience), _server("Redis at " + address.text())
{
}

void RedisPipeline::tell(const Answered& answered, const RedisReply* reply)
{
    if (answered)
        base::threadRoot("what waited for Redis", [&] { answered(reply); });
}

void RedisPipeline::add(const RedisCommand& command, Answered answered)
{
    _words.fill(command);
    _open.push_back({_words.name(), std::move(answered)});
    _connection.add(_words);
}

void RedisPipeline::add(std::span<const std::string_view> command)
{
    _words.fill(command);
    _open.push_back({_words.name(), nullptr});
    _connection.add(_words);
}

void RedisPipeline::send()
{
    _connection.flush();
}

void RedisPipeline::receive(std::size_t count)
{
    std::string_view broken; // said when all have their answers
    for (; count > 0; --count)
    {
        const auto reply = _connection.next();
        const auto command = std::move(_open.front());
        _open.pop_front();
        tell(command.answered, &reply);
        if (reply.kind == RedisReply::Kind::ERROR)
            if (const auto why = look(command.name, reply); broken.empty())
                broken = why;
    }
    if (!broken.empty())
        throw Poco::IOException(_server + std::string(broken));
}

std::size_t RedisPipeline::lose()
{
    const auto lost = std::exchange(_open, {});
    for (const auto& command : lost)
        tell(command.answered, nullptr);
    return lost.size();
}

} // namespace tenon::store

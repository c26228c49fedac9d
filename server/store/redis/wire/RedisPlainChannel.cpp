#include "store/redis/wire/RedisPlainChannel.h"

#include <Poco/Exception.h>

#include <hiredis/hiredis.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/time.h>
#endif

namespace tenon::store
{

namespace
{

struct FreeReply
{
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

timeval timevalOf(std::chrono::milliseconds time)
{
    timeval value{};
    value.tv_sec = static_cast<decltype(value.tv_sec)>(time.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(time.count() % 1000 * 1000);
    return value;
}

} // namespace

void RedisPlainChannel::Free::operator()(redisContext* context) const
{
    redisFree(context);
}

RedisPlainChannel::RedisPlainChannel(const RedisAddress::Place& place, std::chrono::milliseconds patience)
    : _context(redisConnectWithTimeout(place.host.c_str(), place.port, timevalOf(patience)))
{
    if (!_context || _context->err)
        fail("cannot be reached");
    if (redisSetTimeout(_context.get(), timevalOf(patience)) != REDIS_OK)
        fail("cannot be given a time-out");
    (void)redisEnableKeepAlive(_context.get()); // a convenience: without it a dead host is noticed by the patience
}

RedisPlainChannel::~RedisPlainChannel() = default;

void RedisPlainChannel::fail(const std::string& what) const
{
    throw Poco::IOException(what + (_context && _context->err ? std::string(": ") + _context->errstr : std::string()));
}

void RedisPlainChannel::add(RedisWords& command)
{
    if (redisAppendCommandArgv(_context.get(), command.count(), command.texts(), command.sizes()) != REDIS_OK)
        fail("does not take a command");
}

void RedisPlainChannel::flush()
{
    for (int done = 0; done == 0;)
        if (redisBufferWrite(_context.get(), &done) != REDIS_OK)
            fail("does not read what it is sent");
}

RedisReply RedisPlainChannel::next()
{
    void* raw = nullptr;
    if (redisGetReply(_context.get(), &raw) != REDIS_OK || !raw)
        fail("does not answer");
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
    return copied(*reply);
}

} // namespace tenon::store

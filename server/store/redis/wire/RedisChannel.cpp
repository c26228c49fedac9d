#include "store/redis/wire/RedisChannel.h"

#include "store/redis/wire/RedisPlainChannel.h"
#include "store/redis/wire/RedisTlsChannel.h"

#include <hiredis/hiredis.h>

namespace tenon::store
{

std::unique_ptr<RedisChannel> RedisChannel::open(const RedisAddress& address, const RedisAddress::Place& place,
                                                 std::chrono::milliseconds patience)
{
    if (address.tls)
        return std::make_unique<RedisTlsChannel>(*address.tls, place, patience);
    return std::make_unique<RedisPlainChannel>(place, patience);
}

RedisReply RedisChannel::copied(const redisReply& from)
{
    using Kind = RedisReply::Kind;
    RedisReply reply;
    switch (from.type)
    {
    case REDIS_REPLY_INTEGER:
        reply.kind = Kind::NUMBER;
        reply.number = from.integer;
        break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        reply.kind = Kind::TEXT;
        reply.text.assign(from.str, static_cast<std::size_t>(from.len));
        break;
    case REDIS_REPLY_ERROR:
        reply.kind = Kind::ERROR;
        reply.text.assign(from.str, static_cast<std::size_t>(from.len));
        break;
    case REDIS_REPLY_ARRAY:
        reply.kind = Kind::ARRAY;
        reply.items.reserve(from.elements);
        for (std::size_t at = 0; at < from.elements; ++at)
            reply.items.push_back(copied(*from.element[at]));
        break;
    default:
        break;
    }
    return reply;
}

} // namespace tenon::store

#include "store/redis/wire/RedisSentinel.h"

#include "store/redis/wire/RedisReply.h"
#include "store/redis/wire/RedisWords.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>

#include <array>
#include <string>
#include <string_view>

namespace tenon::store
{

RedisSentinel::RedisSentinel(const RedisAddress& address, const RedisAddress::Place& place,
                             std::chrono::milliseconds patience)
    : _address(address), _place(place)
{
    try
    {
        _channel = RedisChannel::open(address, place, patience);
    }
    catch (const Poco::IOException& exc)
    {
        throw Poco::IOException("the Sentinel at " + place.text() + ' ' + exc.message());
    }
}

RedisAddress::Place RedisSentinel::master()
{
    const std::array<std::string_view, 3> question = {"SENTINEL", "get-master-addr-by-name", _address.master};
    RedisWords words;
    words.fill(question);
    RedisReply found;
    try
    {
        _channel->add(words);
        _channel->flush();
        found = _channel->next();
    }
    catch (const Poco::IOException& exc)
    {
        throw Poco::IOException("the Sentinel at " + _place.text() + ' ' + exc.message());
    }
    unsigned port = 0;
    if (found.kind != RedisReply::Kind::ARRAY || found.items.size() != 2 ||
        !Poco::NumberParser::tryParseUnsigned(found.items[1].text, port))
        throw Poco::IOException("the Sentinel at " + _place.text() + " knows no master of that name");
    return {found.items[0].text, static_cast<std::uint16_t>(port)};
}

} // namespace tenon::store

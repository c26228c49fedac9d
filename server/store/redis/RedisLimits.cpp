#include "store/redis/RedisLimits.h"

#include "store/redis/RedisScript.h"

#include <Poco/NumberParser.h>

#include <algorithm>
#include <utility>

namespace tenon::store
{

namespace
{

using Kind = RedisReply::Kind;

constexpr std::size_t MOST_ASKED = 4096;

/// KEYS: bucket, members. ARGV: tokens a minute, spent, wanted. Tokens, what is left, members.
///
/// A clock that went back, since another Redis is the master now, refills nothing once, and does not stop the refilling.
const RedisScript DRAW(R"(
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local full = tonumber(ARGV[1])
local kept = redis.call('HMGET', KEYS[1], 'm', 't')
local missing, at = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
missing = math.max(0, missing - math.max(0, now - at) * full / 60000)
missing = math.min(missing + tonumber(ARGV[2]), 2 * full)
local tokens = math.min(tonumber(ARGV[3]), math.max(0, math.floor(full - missing)))
missing = missing + tokens
redis.call('HSET', KEYS[1], 'm', string.format('%.6f', missing), 't', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(missing * 60000 / full) + 1000)
return {tokens, string.format('%.6f', full - missing), redis.call('ZCARD', KEYS[2])})");

/// KEYS: quota, members. ARGV: tag, most, held, wanted, TTL. Places, members. A field is "<places> <until>".
const RedisScript RESERVE(LUA_OF_MEMBERS + std::string(R"(
local now = nowMs()
local others = 0
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local places, lapses = string.match(fields[at + 1], '^(%d+) (%d+)$')
  if fields[at] ~= ARGV[1] then
    if tonumber(lapses) <= now or not redis.call('ZSCORE', KEYS[2], fields[at]) then
      redis.call('HDEL', KEYS[1], fields[at])
    else
      others = others + tonumber(places)
    end
  end
end
local there = math.max(0, tonumber(ARGV[2]) - others)
local granted = math.max(tonumber(ARGV[3]), math.min(tonumber(ARGV[4]), there))
if granted > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d', granted, now + ARGV[5]))
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return {granted, redis.call('ZCARD', KEYS[2])})"));

std::uint32_t membersIn(const RedisReply& reply)
{
    return static_cast<std::uint32_t>(std::max<std::int64_t>(1, reply.number));
}

} // namespace

RedisLimits::RedisLimits(RedisLink& link, std::string prefix, std::string tag)
    : _link(link), _prefix(std::move(prefix)), _who(_prefix), _tag(std::move(tag)),
      _asked(std::make_shared<std::atomic<std::size_t>>(0))
{
}

void RedisLimits::ask(RedisCommand command, RedisLink::Answered answered, const std::function<void()>& refused)
{
    if (_asked->fetch_add(1) >= MOST_ASKED)
    {
        _asked->fetch_sub(1);
        return refused();
    }
    _link.ask(std::move(command),
              [asked = _asked, answered = std::move(answered)](const RedisReply* reply)
              {
                  asked->fetch_sub(1);
                  answered(reply && reply->kind == Kind::ARRAY ? reply : nullptr);
              });
}

void RedisLimits::draw(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted,
                       std::function<void(const Drawn*)> answer)
{
    const auto tell = std::make_shared<std::function<void(const Drawn*)>>(std::move(answer));
    ask(
        {"EVALSHA", DRAW.digest(), "2", _prefix + ":r:" + key, _who.key, std::to_string(perMinute),
         std::to_string(spent), std::to_string(wanted)},
        [tell](const RedisReply* reply)
        {
            Drawn drawn;
            if (!reply || reply->items.size() != 3 ||
                !Poco::NumberParser::tryParseFloat(reply->items[1].text, drawn.left))
                return (*tell)(nullptr);
            drawn.tokens = static_cast<std::uint32_t>(reply->items[0].number);
            drawn.instances = membersIn(reply->items[2]);
            (*tell)(&drawn);
        },
        [tell] { (*tell)(nullptr); });
}

void RedisLimits::reserve(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted,
                          std::function<void(const Reserved*)> answer)
{
    const auto tell = std::make_shared<std::function<void(const Reserved*)>>(std::move(answer));
    ask(
        {"EVALSHA", RESERVE.digest(), "2", _prefix + ":q:" + key, _who.key, _tag, std::to_string(most),
         std::to_string(held), std::to_string(wanted), std::to_string(RESERVED_MS)},
        [tell](const RedisReply* reply)
        {
            if (!reply || reply->items.size() != 2)
                return (*tell)(nullptr);
            const Reserved reserved{static_cast<std::uint64_t>(reply->items[0].number), membersIn(reply->items[1])};
            (*tell)(&reserved);
        },
        [tell] { (*tell)(nullptr); });
}

} // namespace tenon::store

#pragma once

#include <string>

namespace tenon::store
{

/// Who there is: a sorted set of the instances by their last sign of life, in ms of Redis' time of day, and since when it can
/// be relied on. When Redis was restarted empty, stood still, or failed over to another clock, nobody had the time to show
/// that he lives, so nobody is missed until a lease later.
///
/// Whether an instance is gone is decided in Redis, within the script that takes its place, and not by what another
/// instance heard last: it may never have heard of one that lives.
struct RedisMembers
{
    /// Shape: `prefix` is of all keys.
    explicit RedisMembers(const std::string& prefix) : key(prefix + ":i"), sinceKey(prefix + ":iu") {}

    const std::string key;
    const std::string sinceKey;
};

/// Lua, ahead of a script: `nowMs()`; `silence(members, now)`, in ms since the last sign of any, nil if there is none;
/// `gone(members, since, tag, lease)`.
constexpr const char* LUA_OF_MEMBERS = R"(
local function nowMs()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function silence(members, now)
  local newest = redis.call('ZRANGE', members, -1, -1, 'WITHSCORES')[2]
  return newest and math.abs(now - tonumber(newest))
end
local function gone(members, since, tag, lease)
  local now = nowMs()
  local quiet = silence(members, now)
  if not quiet or quiet > lease / 2 then return false end
  local from = redis.call('GET', since)
  if not from or now - from < lease then return false end
  local sign = redis.call('ZSCORE', members, tag)
  return not sign or now - sign > lease
end
)";

} // namespace tenon::store

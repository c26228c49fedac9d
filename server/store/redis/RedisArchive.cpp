#include "store/redis/RedisArchive.h"

#include "store/redis/RedisScript.h"

#include <Poco/NumberParser.h>

#include <utility>

namespace tenon::store
{

namespace
{

using Kind = RedisReply::Kind;

// A record is "<version>\n<owner>\n<text>", so that the smallest takes one string and no hash; "-" is one that was removed.

/// KEYS: record, list, members, since when. ARGV: version, owner, text, TTL in ms, id, the version to replace (empty: any
/// older), the instance in whose place (empty: its own), lease. 1: it is kept; 0: another one is; -1: that instance may live.
const RedisScript PUT(LUA_OF_MEMBERS + std::string(R"(
if ARGV[7] ~= '' and not gone(KEYS[3], KEYS[4], ARGV[7], tonumber(ARGV[8])) then return -1 end
local version = tonumber(ARGV[1])
local now = redis.call('GET', KEYS[1])
if now == '-' then return 0 end
local current = now and string.match(now, '^%d+')
if ARGV[6] ~= '' then
  if current ~= ARGV[6] then return 0 end
elseif version > 0 and current and tonumber(current) >= version then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. '\n' .. ARGV[2] .. '\n' .. ARGV[3], 'PX', ARGV[4])
if ARGV[2] ~= '' then
  local t = redis.call('TIME')
  redis.call('ZADD', KEYS[2], 'NX', t[1] * 1000000 + t[2], ARGV[5])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
end
return 1)"));

/// KEYS: list. ARGV: prefix of records, after, limit. Ids and records in turn, nil for an unknown `after`; records that
/// have gone leave the list.
const RedisScript LIST(R"(
local first = 0
if ARGV[2] ~= '' then
  local rank = redis.call('ZRANK', KEYS[1], ARGV[2])
  if not rank then return false end
  first = rank + 1
end
local found, gone = {}, {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], first, -1)) do
  if #found >= 2 * tonumber(ARGV[3]) then break end
  local record = redis.call('GET', ARGV[1] .. id)
  if record and record ~= '-' then
    found[#found + 1] = id
    found[#found + 1] = record
  else
    gone[#gone + 1] = id
  end
end
for _, id in ipairs(gone) do redis.call('ZREM', KEYS[1], id) end
return found)");

bool readRecord(const std::string& text, Record& record)
{
    const auto version = text.find('\n');
    const auto owner = version == std::string::npos ? version : text.find('\n', version + 1);
    Poco::UInt64 number = 0;
    if (owner == std::string::npos || !Poco::NumberParser::tryParseUnsigned64(text.substr(0, version), number))
        return false;
    record.version = number;
    record.owner = text.substr(version + 1, owner - version - 1);
    record.text = text.substr(owner + 1);
    return true;
}

} // namespace

RedisArchive::RedisArchive(RedisLink& link, std::string prefix, std::size_t maxEvents, std::int64_t leaseMs)
    : _link(link), _prefix(std::move(prefix)), _who(_prefix), _leaseMs(leaseMs),
      _streams(link, _prefix, maxEvents, leaseMs)
{
}

std::string RedisArchive::keyOf(RecordKind kind, const std::string& id) const
{
    return _prefix + (kind == RecordKind::SESSION ? ":s:" : ":t:") + id;
}

std::string RedisArchive::listOf(RecordKind kind, const std::string& owner) const
{
    return _prefix + (kind == RecordKind::SESSION ? ":ls:" : ":lt:") + owner;
}

void RedisArchive::put(Record record, Kept kept)
{
    _link.ask({"EVALSHA", PUT.digest(), "4", keyOf(record.kind, record.id), listOf(record.kind, record.owner), _who.key,
               _who.sinceKey, std::to_string(record.version), record.owner, std::move(record.text),
               std::to_string(record.ttlMs), record.id,
               record.replaces ? std::to_string(*record.replaces) : std::string(), std::move(record.heirOf),
               std::to_string(_leaseMs)},
              [kept = std::move(kept)](const RedisReply* reply)
              {
                  if (kept)
                      kept(outcomeOf(reply));
              });
}

void RedisArchive::get(RecordKind kind, const std::string& id, Found found)
{
    _link.ask({"GET", keyOf(kind, id)},
              [kind, id, found = std::move(found)](const RedisReply* reply)
              {
                  Record record;
                  record.kind = kind;
                  record.id = id;
                  if (!reply || reply->kind == Kind::ERROR)
                      return found(Outcome::AWAY, record);
                  const bool there = reply->kind == Kind::TEXT && readRecord(reply->text, record);
                  found(there ? Outcome::FOUND : Outcome::UNKNOWN, record);
              });
}

void RedisArchive::touch(RecordKind kind, const std::string& id, std::int64_t ttlMs)
{
    _link.ask({"PEXPIRE", keyOf(kind, id), std::to_string(ttlMs)});
}

void RedisArchive::remove(RecordKind kind, const std::string& id, Kept removed)
{
    _link.ask({"SET", keyOf(kind, id), "-", "PX", std::to_string(REMOVED_MS)},
              [removed = std::move(removed)](const RedisReply* reply)
              {
                  if (removed)
                      removed(reply && reply->kind != Kind::ERROR ? Outcome::FOUND : Outcome::AWAY);
              });
}

void RedisArchive::list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
                        Listed listed)
{
    _link.ask({"EVALSHA", LIST.digest(), "1", listOf(kind, owner), keyOf(kind, ""), after, std::to_string(limit)},
              [kind, listed = std::move(listed)](const RedisReply* reply)
              {
                  std::vector<Record> records;
                  if (!reply || reply->kind == Kind::ERROR)
                      return listed(Outcome::AWAY, records);
                  if (reply->kind != Kind::ARRAY)
                      return listed(Outcome::UNKNOWN, records);
                  for (std::size_t at = 0; at + 1 < reply->items.size(); at += 2)
                  {
                      Record record;
                      record.kind = kind;
                      record.id = reply->items[at].text;
                      if (readRecord(reply->items[at + 1].text, record))
                          records.push_back(std::move(record));
                  }
                  listed(Outcome::FOUND, records);
              });
}

} // namespace tenon::store

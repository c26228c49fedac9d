#include "store/redis/RedisArchive.h"

#include "store/StreamParts.h"
#include "store/redis/RedisScript.h"

#include <Poco/NumberParser.h>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace tenon::store
{

namespace
{

using Kind = RedisReply::Kind;

// A record is "<version>\n<owner>\n<text>", so that the smallest takes one string and no hash; "-" is one that was removed.

/// KEYS: record, list. ARGV: version, owner, text, TTL in ms, id. 1: it is kept; 0: a newer one is.
const RedisScript PUT(R"(
local version = tonumber(ARGV[1])
local now = redis.call('GET', KEYS[1])
if now == '-' then return 0 end
if version > 0 and now and tonumber(string.match(now, '^%d+')) >= version then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. '\n' .. ARGV[2] .. '\n' .. ARGV[3], 'PX', ARGV[4])
if ARGV[2] ~= '' then
  local t = redis.call('TIME')
  redis.call('ZADD', KEYS[2], 'NX', t[1] * 1000000 + t[2], ARGV[5])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
end
return 1)");

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

/// KEYS: stream. ARGV: what it answers, most events, TTL; of each event: id in the stream (index + 1), "1" if it is the last,
/// message.
const RedisScript APPEND(R"(
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last and last[2][2] == '1' then return 0 end
for at = 4, #ARGV, 3 do
  redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], ARGV[at] .. '-0', 'f', ARGV[at + 1], 'm', ARGV[at + 2], 'r', ARGV[1])
  if ARGV[at + 1] == '1' then break end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1)");

/// KEYS: stream. ARGV: index, message, TTL, what it answers. 1: it is finished with that; 0: it was.
const RedisScript SEAL(R"(
local index = tonumber(ARGV[1])
local answers = ARGV[4]
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then
  if last[2][2] == '1' then return 0 end
  answers = last[2][6]
  local own = tonumber(string.match(last[1], '^%d+')) - 1
  if own > index then index = own end
end
redis.call('XADD', KEYS[1], string.format('%d-0', index + 2), 'f', '1', 'm', ARGV[2], 'r', answers)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1)");

Outcome outcomeOf(const RedisReply* reply)
{
    if (!reply || reply->kind == Kind::ERROR)
        return Outcome::AWAY;
    return reply->number == 1 ? Outcome::FOUND : Outcome::UNKNOWN;
}

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

/// Shape: [["<index + 1>-0", ["f", "0", "m", message, "r", answers]], …]
bool readStream(const RedisReply& reply, ArchivedStream& stream)
{
    for (const auto& item : reply.items)
    {
        if (item.items.size() != 2 || item.items[1].items.size() != 6)
            return false;
        const auto& fields = item.items[1].items;
        Poco::UInt64 id = 0;
        const auto& text = item.items[0].text;
        if (!Poco::NumberParser::tryParseUnsigned64(text.substr(0, text.find('-')), id) || id == 0)
            return false;
        stream.events.push_back({id - 1, fields[3].text, fields[1].text == "1"});
        stream.answers = fields[5].text;
    }
    return true;
}

} // namespace

/// Events of one stream that go out with one command.
struct RedisArchive::Batch
{
    RedisCommand words;
    std::size_t bytes = 0; ///< beyond the first event
};

struct RedisArchive::Batches
{
    static constexpr std::size_t MOST_BYTES = 16 * 1024 * 1024; ///< of what the link does not count
    static constexpr std::size_t MOST_WORDS = 200;

    std::mutex mutex;                                             // guards all below
    std::unordered_map<std::string, std::shared_ptr<Batch>> open; ///< by stream; whose command is not sent yet
    std::size_t bytes = 0;

    /// Nothing is added to it any more.
    void close(const std::string& stream, const Batch* only)
    {
        const auto found = open.find(stream);
        if (found == open.end() || (only && found->second.get() != only))
            return;
        bytes -= found->second->bytes;
        open.erase(found);
    }
};

RedisArchive::RedisArchive(RedisLink& link, std::string prefix, std::size_t maxEvents, std::int64_t settleMs)
    : _link(link), _prefix(std::move(prefix)), _maxEvents(std::to_string(maxEvents)), _settleMs(settleMs),
      _batches(std::make_shared<Batches>())
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

std::string RedisArchive::streamOf(const std::string& stream) const
{
    return _prefix + ":e:" + stream;
}

void RedisArchive::put(Record record, Kept kept)
{
    _link.ask({"EVALSHA", PUT.digest(), "2", keyOf(record.kind, record.id), listOf(record.kind, record.owner),
               std::to_string(record.version), record.owner, std::move(record.text), std::to_string(record.ttlMs),
               record.id},
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

void RedisArchive::append(const std::string& stream, ArchivedEvent event, const std::string& answers,
                          std::int64_t ttlMs)
{
    const auto add = [&event](Batch& batch)
    {
        batch.words.push_back(std::to_string(event.index + 1));
        batch.words.emplace_back(event.final ? "1" : "0");
        batch.words.push_back(std::move(event.message));
    };
    const auto batch = std::make_shared<Batch>();
    {
        const std::lock_guard lock(_batches->mutex);
        auto& open = _batches->open[stream];
        const std::size_t bytes = event.message.size();
        if (open && open->words.size() < Batches::MOST_WORDS && _batches->bytes + bytes <= Batches::MOST_BYTES)
        {
            open->bytes += bytes;
            _batches->bytes += bytes;
            return add(*open);
        }
        if (open)
            _batches->bytes -= open->bytes;
        open = batch;
        batch->words.reserve(16); // three events, as most calls have that keep any
        for (const char* word : {"EVALSHA", APPEND.digest().c_str(), "1"})
            batch->words.emplace_back(word);
        batch->words.push_back(streamOf(stream));
        batch->words.push_back(answers);
        batch->words.push_back(_maxEvents);
        batch->words.push_back(std::to_string(ttlMs));
        add(*batch);
    }
    const auto closed = [batches = _batches, stream, batch]
    {
        const std::lock_guard lock(batches->mutex);
        batches->close(stream, batch.get());
    };
    _link.askLate(
        [closed, batch]
        {
            closed();
            return std::move(batch->words);
        },
        [closed](const RedisReply*) { closed(); }); // should it never be sent
}

/// What comes after this is another command's.
void RedisArchive::close(const std::string& stream)
{
    const std::lock_guard lock(_batches->mutex);
    _batches->close(stream, nullptr);
}

void RedisArchive::after(const std::string& stream, std::uint64_t index, Events events)
{
    close(stream);
    // From the first: whether there is such a stream is to be known even if nothing follows.
    _link.ask({"XRANGE", streamOf(stream), "-", "+"},
              [index, events = std::move(events)](const RedisReply* reply)
              {
                  ArchivedStream found;
                  if (!reply || reply->kind == Kind::ERROR)
                      return events(Outcome::AWAY, found);
                  const bool whole = !reply->items.empty() && readStream(*reply, found) && keepLater(found, index);
                  events(whole ? Outcome::FOUND : Outcome::UNKNOWN, found);
              });
}

void RedisArchive::seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
                        std::int64_t ttlMs, Kept kept)
{
    close(stream);
    _link.ask({"EVALSHA", SEAL.digest(), "1", streamOf(stream), std::to_string(index), std::move(message),
               std::to_string(ttlMs), answers},
              [kept = std::move(kept)](const RedisReply* reply)
              {
                  if (kept)
                      kept(outcomeOf(reply));
              });
}

void RedisArchive::drop(const std::string& stream)
{
    close(stream);
    _link.ask({"DEL", streamOf(stream)});
}

} // namespace tenon::store

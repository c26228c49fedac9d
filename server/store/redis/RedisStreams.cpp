#include "store/redis/RedisStreams.h"

#include "store/StreamParts.h"
#include "store/redis/RedisEvents.h"
#include "store/redis/RedisScript.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenon::store
{

namespace
{

using Kind = RedisReply::Kind;

/// KEYS: stream. Its events, as they are kept.
const RedisScript READ(R"(
if redis.call('TYPE', KEYS[1]).ok == 'string' then return redis.call('GET', KEYS[1]) end
return redis.call('LRANGE', KEYS[1], 0, -1))");

/// KEYS: stream, members, since when. ARGV: index, message, TTL, what it answers, the instance in whose place (empty: its
/// own), lease. 1: it is finished with that; 0: it was; -1: that instance may live.
const RedisScript SEAL(LUA_OF_MEMBERS + std::string(R"(
if ARGV[5] ~= '' and not gone(KEYS[2], KEYS[3], ARGV[5], tonumber(ARGV[6])) then return -1 end
if redis.call('TYPE', KEYS[1]).ok == 'string' then return 0 end
local index = tonumber(ARGV[1])
local answers = ARGV[4]
local events = redis.call('LRANGE', KEYS[1], 0, -1)
local last = events[#events]
if last then
  local own, final, size, from = string.match(last, '^(%d+) (%d) (%d+):()')
  if final == '1' then return 0 end
  answers = string.sub(last, from, from + size - 1)
  if tonumber(own) > index then index = tonumber(own) end
end
events[#events + 1] = string.format('%d 1 %d:', index + 1, #answers) .. answers .. ARGV[2]
for at, event in ipairs(events) do events[at] = #event .. ':' .. event end
redis.call('SET', KEYS[1], table.concat(events), 'PX', ARGV[3])
return 1)"));

} // namespace

/// What is to be sent, of all streams.
struct RedisStreams::Batches
{
    static constexpr std::size_t MOST_BYTES = 16 * 1024 * 1024; ///< beyond the first events, which the link counts
    static constexpr std::size_t MOST_EVENTS = 64;              ///< of one batch
    static constexpr std::size_t MOST_DROPS = 256;

    using Open = std::unordered_map<std::string, std::shared_ptr<Batch>>;

    Batches(std::string keys, std::size_t mostEvents) : prefix(std::move(keys)), maxEvents(mostEvents) {}

    const std::string prefix;
    const std::size_t maxEvents;

    std::mutex mutex; // guards all below, and what batches say so of
    Open open;        ///< by stream; not sent yet
    std::size_t bytes = 0;
    std::shared_ptr<Drops> drops; ///< not sent yet; null: none

    /// Nothing is added to it any more, and what comes after it is another's.
    void close(Open::iterator batch);
};

/// Events of one stream that go out together.
class RedisStreams::Batch final : public RedisLink::Late
{
public:
    Batch(std::shared_ptr<Batches> all, const std::string& answers, std::int64_t ttlMs)
        : _all(std::move(all)), _answers(answers), _ttlMs(ttlMs)
    {
        _events.reserve(4); // most calls that keep any have three
    }

    // With the mutex of all.
    const std::string* name = nullptr; ///< the stream's, in the table; null: it is closed
    std::string stream;                ///< the same, once it is closed
    bool unwanted = false;             ///< the stream is dropped
    std::size_t bytes = 0;             ///< beyond the first event
    void add(const Event& event) { _events.push_back(event); }
    [[nodiscard]] std::size_t size() const { return _events.size(); }

    // RedisLink::Late
    void commands(Out& out) override
    {
        dropped(); // from here on it does not grow
        const std::string key = _all->prefix + stream;
        if (unwanted)
            return out.add(std::array<std::string_view, 2>{"DEL", key});
        const auto ttl = std::to_string(_ttlMs);
        if (_events.front().index == 0 && _events.back().final)
        {
            std::string text;
            const auto first = _events.size() - std::min(_events.size(), _all->maxEvents);
            write(text, first);
            return out.add(std::array<std::string_view, 6>{"SET", key, text, "NX", "PX", ttl});
        }
        push(out, key);
        if (_events.back().index >= _all->maxEvents)
        {
            const std::string first = '-' + std::to_string(_all->maxEvents);
            out.add(std::array<std::string_view, 4>{"LTRIM", key, first, "-1"});
        }
        out.add(std::array<std::string_view, 3>{"PEXPIRE", key, ttl});
    }
    void dropped() override
    {
        const std::lock_guard lock(_all->mutex);
        if (name)
            _all->close(_all->open.find(*name));
    }

private:
    /// The events from the `first` on.
    void write(std::string& text, std::size_t first) const
    {
        std::size_t size = 0;
        for (std::size_t at = first; at < _events.size(); ++at)
            size += mostBytes(_events[at], _answers);
        text.reserve(size);
        for (std::size_t at = first; at < _events.size(); ++at)
            appendSized(text, _events[at], _answers);
    }

    void push(Out& out, const std::string& key) const
    {
        std::vector<std::string> texts(_events.size());
        std::vector<std::string_view> words{"RPUSH", key};
        words.reserve(texts.size() + 2);
        for (std::size_t at = 0; at < _events.size(); ++at)
        {
            appendEvent(texts[at], _events[at], _answers);
            words.push_back(texts[at]);
        }
        out.add(words);
    }

    const std::shared_ptr<Batches> _all;
    const std::string _answers;
    const std::int64_t _ttlMs;
    std::vector<Event> _events;
};

/// Streams that go with one command.
class RedisStreams::Drops final : public RedisLink::Late
{
public:
    explicit Drops(std::shared_ptr<Batches> all) : _all(std::move(all)) {}

    // With the mutex of all.
    void add(const std::string& stream) { _keys.push_back(_all->prefix + stream); }
    [[nodiscard]] std::size_t size() const { return _keys.size(); }

    // RedisLink::Late
    void commands(Out& out) override
    {
        dropped();
        std::vector<std::string_view> words{"DEL"};
        words.insert(words.end(), _keys.begin(), _keys.end());
        out.add(words);
    }
    void dropped() override
    {
        const std::lock_guard lock(_all->mutex);
        if (_all->drops.get() == this)
            _all->drops = nullptr;
    }

private:
    const std::shared_ptr<Batches> _all;
    std::vector<std::string> _keys;
};

void RedisStreams::Batches::close(Open::iterator batch)
{
    bytes -= batch->second->bytes;
    auto node = open.extract(batch); // which may be the last but the link's to hold the batch
    node.mapped()->name = nullptr;
    node.mapped()->stream = std::move(node.key());
}

RedisStreams::RedisStreams(RedisLink& link, const std::string& prefix, std::size_t maxEvents, std::int64_t leaseMs)
    : _link(link), _who(prefix), _leaseMs(std::to_string(leaseMs)),
      _batches(std::make_shared<Batches>(prefix + ":e:", maxEvents))
{
}

std::string RedisStreams::keyOf(const std::string& stream) const
{
    return _batches->prefix + stream;
}

void RedisStreams::append(const std::string& stream, const Event& event, const std::string& answers, std::int64_t ttlMs)
{
    const std::size_t bytes = event.message ? event.message->size() : 0;
    std::shared_ptr<Batch> batch;
    {
        const std::lock_guard lock(_batches->mutex);
        auto [found, fresh] = _batches->open.try_emplace(stream);
        if (!fresh)
        {
            const auto& open = found->second;
            if (open->size() < Batches::MOST_EVENTS && _batches->bytes + bytes <= Batches::MOST_BYTES)
            {
                open->bytes += bytes;
                _batches->bytes += bytes;
                return open->add(event);
            }
            close(found);
            found = _batches->open.try_emplace(stream).first;
        }
        try
        {
            batch = std::make_shared<Batch>(_batches, answers, ttlMs);
            batch->add(event);
        }
        catch (...)
        {
            _batches->open.erase(found);
            throw;
        }
        batch->name = &found->first;
        found->second = batch;
    }
    _link.askLate(std::move(batch), bytes);
}

/// What comes next must not overtake the batch.
void RedisStreams::close(std::unordered_map<std::string, std::shared_ptr<Batch>>::iterator batch)
{
    _batches->close(batch);
    _batches->drops = nullptr; // it may be before the batch
}

void RedisStreams::close(const std::string& stream)
{
    const std::lock_guard lock(_batches->mutex);
    if (const auto found = _batches->open.find(stream); found != _batches->open.end())
        close(found);
}

void RedisStreams::after(const std::string& stream, std::uint64_t index, Archive::Events events)
{
    close(stream);
    // From the first: whether there is such a stream is to be known even if nothing follows.
    _link.ask({"EVALSHA", READ.digest(), "1", keyOf(stream)},
              [index, events = std::move(events)](const RedisReply* reply)
              {
                  ArchivedStream found;
                  if (!reply || reply->kind == Kind::ERROR)
                      return events(Outcome::AWAY, found);
                  const bool whole = readStream(*reply, found) && !found.events.empty() && keepLater(found, index);
                  events(whole ? Outcome::FOUND : Outcome::UNKNOWN, found);
              });
}

void RedisStreams::seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
                        std::int64_t ttlMs, const std::string& heirOf, Archive::Kept kept)
{
    close(stream);
    _link.ask({"EVALSHA", SEAL.digest(), "3", keyOf(stream), _who.key, _who.sinceKey, std::to_string(index),
               std::move(message), std::to_string(ttlMs), answers, heirOf, _leaseMs},
              [kept = std::move(kept)](const RedisReply* reply)
              {
                  if (kept)
                      kept(outcomeOf(reply));
              });
}

void RedisStreams::drop(const std::string& stream)
{
    std::shared_ptr<Drops> drops;
    {
        const std::lock_guard lock(_batches->mutex);
        if (const auto found = _batches->open.find(stream); found != _batches->open.end())
        {
            found->second->unwanted = true;
            return _batches->close(found);
        }
        if (_batches->drops && _batches->drops->size() < Batches::MOST_DROPS)
            return _batches->drops->add(stream);
        _batches->drops = drops = std::make_shared<Drops>(_batches);
        drops->add(stream);
    }
    _link.askLate(std::move(drops), 0);
}

} // namespace tenon::store

#include "store/redis/RedisBus.h"

#include "base/threads/SteadyClock.h"
#include "base/threads/ThreadRoot.h"
#include "store/redis/RedisScript.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <utility>

namespace tenon::store
{

namespace
{

using namespace std::chrono_literals;
using Kind = RedisReply::Kind;

constexpr const char* MAX_LETTERS = "20000"; // in one inbox: of an instance that does not read, and is soon gone
constexpr const char* INBOX_MS = "60000";
constexpr std::int64_t STARTING_MS = 60'000; // of an instance that has the secret, and gives no sign of life yet
constexpr const char* LETTERS_AT_A_TIME = "256";

/// KEYS: members, states, own inbox, secret, since when. ARGV: tag, state, lease, what was read up to, TTL of the inbox,
/// secret, its TTL. The time of day in ms; for how many ms from now nobody is missed; members, with age in ms and state.
const RedisScript SIGN_OF_LIFE(LUA_OF_MEMBERS + std::string(R"(
local now = nowMs()
local lease = tonumber(ARGV[3])
local quiet = silence(KEYS[1], now)
if redis.call('EXISTS', KEYS[5]) == 0 or quiet and quiet > lease / 2 then
  redis.call('SET', KEYS[5], now)
end
for _, ahead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%d', now), '+inf')) do
  redis.call('ZADD', KEYS[1], now, ahead)
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local grace = redis.call('GET', KEYS[5]) + lease - now
if grace <= 0 then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - lease)) do
    redis.call('ZREM', KEYS[1], gone)
    redis.call('HDEL', KEYS[2], gone)
  end
end
for _, key in ipairs({KEYS[1], KEYS[2], KEYS[5]}) do redis.call('PEXPIRE', key, lease * 4) end
redis.call('XTRIM', KEYS[3], 'MINID', ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
if ARGV[6] ~= '' and not redis.call('SET', KEYS[4], ARGV[6], 'NX', 'PX', ARGV[7]) then
  redis.call('PEXPIRE', KEYS[4], ARGV[7])
end
local there = {string.format('%d', now), string.format('%d', math.max(0, grace))}
local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for at = 1, #members, 2 do
  there[#there + 1] = members[at]
  there[#there + 1] = tostring(math.max(0, now - tonumber(members[at + 1])))
  there[#there + 1] = redis.call('HGET', KEYS[2], members[at]) or '{}'
end
return there)"));

/// KEYS: members. ARGV: from, text, prefix of inboxes, most letters, TTL, to (empty: all others). In how many inboxes it is.
const RedisScript SEND(R"(
local taken = 0
for _, to in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if to ~= ARGV[1] and (ARGV[6] == '' or ARGV[6] == to) then
    local inbox = ARGV[3] .. to
    redis.call('XADD', inbox, 'MAXLEN', '~', ARGV[4], '*', 'f', ARGV[1], 'm', ARGV[2])
    redis.call('PEXPIRE', inbox, ARGV[5])
    taken = taken + 1
  end
end
return taken)");

/// "<ms>-<sequence>" as numbers that compare.
std::pair<Poco::UInt64, Poco::UInt64> placeOf(const std::string& id)
{
    const auto dash = id.find('-');
    std::pair<Poco::UInt64, Poco::UInt64> place{0, 0};
    if (dash == std::string::npos || !Poco::NumberParser::tryParseUnsigned64(id.substr(0, dash), place.first) ||
        !Poco::NumberParser::tryParseUnsigned64(id.substr(dash + 1), place.second))
        return {0, 0};
    return place;
}

/// The place behind `id`: what was read is trimmed, that included.
std::string behind(const std::string& id)
{
    const auto place = placeOf(id);
    return std::to_string(place.first) + '-' + std::to_string(place.second + 1);
}

} // namespace

RedisBus::RedisBus(RedisLink& link, std::string prefix, std::string tag, std::int64_t leaseMs, std::int64_t sealedMs)
    : _link(link), _prefix(std::move(prefix)), _who(_prefix), _tag(std::move(tag)), _leaseMs(leaseMs),
      _secretMs(std::to_string(leaseMs + std::max(sealedMs, STARTING_MS)))
{
}

RedisBus::~RedisBus()
{
    stop();
}

void RedisBus::agreeOnSecret(const std::string& offer)
{
    try
    {
        RedisConnection connection(_link.address(), _link.patience());
        (void)connection.ask({"SET", _prefix + ":k", offer, "NX", "PX", _secretMs});
        const auto agreed = connection.ask({"GET", _prefix + ":k"});
        if (agreed.kind == Kind::TEXT && agreed.text.size() == offer.size())
            _secret = agreed.text;
    }
    catch (const Poco::IOException& exc)
    {
        Poco::Logger::get("tenon.store").warning(exc.message() + "; requestState of other instances cannot be read");
    }
}

void RedisBus::start(BusListener& listener)
{
    _listener = &listener;
    std::unique_lock lock(_mutex);
    _thread = std::thread([this] { base::threadRoot("the bus over Redis", [this] { run(); }); });
    _wake.wait(lock, [this] { return _begun; });
}

void RedisBus::stop()
{
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        _wake.notify_all();
    }
    if (!_thread.joinable())
        return;
    _thread.join();
    leave();
}

void RedisBus::send(const std::string& tag, std::string message, Taken taken)
{
    _link.ask(
        {"EVALSHA", SEND.digest(), "1", _who.key, _tag, std::move(message), inboxOf(""), MAX_LETTERS, INBOX_MS, tag},
        [taken = std::move(taken)](const RedisReply* reply)
        {
            if (taken)
                taken(reply && reply->number > 0);
        });
}

void RedisBus::sendToOthers(std::string message)
{
    send({}, std::move(message), nullptr);
}

void RedisBus::describe(std::string state)
{
    std::lock_guard lock(_mutex);
    _state = std::move(state);
}

std::int64_t RedisBus::timeOfDayMs() const
{
    const auto ahead = _ahead.load();
    return ahead == 0 ? Bus::timeOfDayMs() : base::steadyMs() + ahead;
}

/// Whether a lease that began then has ended, or is about to.
bool RedisBus::isLong(std::int64_t since) const
{
    constexpr std::int64_t CLOCKS_MS = 50; // Redis' clock and ours do not tick as one
    return base::steadyMs() - since > _leaseMs - std::min(CLOCKS_MS, _leaseMs / 4);
}

/// What the thread waits for is bounded, and far below the lease: if more time has passed it did not run.
void RedisBus::awake()
{
    if (const auto last = _awake.load(); last != 0 && isLong(last))
        _stood = true;
    _awake = base::steadyMs();
}

void RedisBus::run()
{
    for (;;)
    {
        awake();
        try
        {
            // What it waits for in Redis is below the patience, or an answer would come too late.
            RedisConnection connection(_link.address(), _link.patience() + std::chrono::milliseconds(_leaseMs / 4));
            serve(connection);
            return;
        }
        catch (const Poco::IOException& exc)
        {
            Poco::Logger::get("tenon.store").debug("the bus: " + exc.message()); // the link says it aloud
        }
        awake();
        std::unique_lock lock(_mutex);
        _begun = true;
        _wake.notify_all();
        if (_wake.wait_for(lock, RedisLink::BETWEEN_ATTEMPTS, [this] { return _stopping; }))
            return;
    }
}

void RedisBus::serve(RedisConnection& connection)
{
    findPlace(connection);
    signOfLife(connection);
    for (;;)
    {
        awake();
        if (_link.hasMoved(connection.place()))
            throw Poco::IOException("another server is the master");
        if (base::steadyMs() - _lastSign >= _leaseMs / 4)
            signOfLife(connection);
        {
            std::lock_guard lock(_mutex);
            _begun = true;
            _wake.notify_all();
            if (_stopping)
                return;
        }
        read(connection);
    }
}

/// Where to read on. The inbox of a Redis that was restarted, or failed over to a clock that lags, begins anew.
void RedisBus::findPlace(RedisConnection& connection)
{
    const auto newest = connection.ask({"XREVRANGE", inboxOf(_tag), "+", "-", "COUNT", "1"});
    const bool any = newest.kind == Kind::ARRAY && !newest.items.empty() && !newest.items[0].items.empty();
    if (!any || placeOf(newest.items[0].items[0].text) < placeOf(_last))
        _last = "0-0";
}

void RedisBus::signOfLife(RedisConnection& connection)
{
    std::string state;
    {
        std::lock_guard lock(_mutex);
        state = _state;
    }
    const auto asked = base::steadyMs();
    const auto reply = connection.ask({"EVALSHA", SIGN_OF_LIFE.digest(), "5", _who.key, _prefix + ":is", inboxOf(_tag),
                                       _prefix + ":k", _who.sinceKey, _tag, state, std::to_string(_leaseMs),
                                       behind(_last), INBOX_MS, _secret, _secretMs});
    if (reply.kind != Kind::ARRAY)
        throw Poco::IOException("Redis refuses the heartbeat: " + reply.text);
    awake();
    const auto now = base::steadyMs();
    if (silent())
        _listener->lapsed(); // before it speaks for itself again
    _stood = false;
    _lastSign = asked; // the lease began then at the earliest
    Poco::Int64 theirs = 0, grace = 0;
    if (reply.items.size() < 2 || !Poco::NumberParser::tryParse64(reply.items[0].text, theirs) ||
        !Poco::NumberParser::tryParse64(reply.items[1].text, grace))
        throw Poco::IOException("Redis answers a heartbeat oddly");
    _ahead = theirs - now;
    if (grace > 0) // nor does a record that is missing say that there was none
        _link.steadySince(_leaseMs - grace);
    std::vector<Member> members;
    for (std::size_t at = 2; at + 2 < reply.items.size(); at += 3)
    {
        Member member{reply.items[at].text, reply.items[at + 2].text, 0};
        int age = 0;
        if (Poco::NumberParser::tryParse(reply.items[at + 1].text, age))
            member.ageMs = age;
        _lastSeen[member.tag] = now;
        members.push_back(std::move(member));
    }
    for (auto seen = _lastSeen.begin(); seen != _lastSeen.end();)
    {
        const auto age = now - seen->second;
        const bool listed = age == 0 || std::any_of(members.begin(), members.end(),
                                                    [&](const Member& member) { return member.tag == seen->first; });
        // One that is not in the list any more had its lease; while all have a new one, it may be about to come back.
        const bool lapsed = !listed && grace == 0;
        if (!listed && !lapsed)
            members.push_back({seen->first, "{}", age});
        seen = lapsed ? _lastSeen.erase(seen) : std::next(seen);
    }
    _listener->members(members);
}

void RedisBus::read(RedisConnection& connection)
{
    const auto patience = std::clamp<std::int64_t>(_leaseMs / 4 - (base::steadyMs() - _lastSign), 1, _leaseMs / 4);
    const auto reply = connection.ask(
        {"XREAD", "COUNT", LETTERS_AT_A_TIME, "BLOCK", std::to_string(patience), "STREAMS", inboxOf(_tag), _last});
    if (reply.kind == Kind::ERROR)
        throw Poco::IOException("Redis refuses to read the inbox: " + reply.text);
    if (reply.kind != Kind::ARRAY || reply.items.empty() || reply.items[0].items.size() != 2)
        return;
    for (const auto& letter : reply.items[0].items[1].items)
    {
        if (letter.items.size() != 2 || letter.items[1].items.size() != 4)
            continue;
        _last = letter.items[0].text;
        const auto& fields = letter.items[1].items;
        base::threadRoot("a message of another instance", [&] { _listener->received(fields[1].text, fields[3].text); });
    }
}

/// Others need not wait for the lease to end.
void RedisBus::leave()
{
    _link.ask({"ZREM", _who.key, _tag});
    _link.ask({"HDEL", _prefix + ":is", _tag});
    _link.ask({"DEL", inboxOf(_tag)});
}

} // namespace tenon::store

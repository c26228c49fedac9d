#include "store/redis/RedisConnection.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>

#include <hiredis/hiredis.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/time.h>
#endif

namespace tenon::store
{

namespace
{

using Kind = RedisReply::Kind;

struct FreeReply
{
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

RedisReply copied(const redisReply& from)
{
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

timeval timevalOf(std::chrono::milliseconds time)
{
    timeval value{};
    value.tv_sec = static_cast<decltype(value.tv_sec)>(time.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(time.count() % 1000 * 1000);
    return value;
}

} // namespace

void RedisConnection::Free::operator()(redisContext* context) const
{
    redisFree(context);
}

RedisConnection::RedisConnection(const RedisAddress& address, std::chrono::milliseconds patience) : _address(address)
{
    if (address.master.empty())
        open(address.places.front(), patience);
    else
        openMaster(patience);
    introduce();
}

void RedisConnection::open(const RedisAddress::Place& place, std::chrono::milliseconds patience)
{
    _context.reset(redisConnectWithTimeout(place.host.c_str(), place.port, timevalOf(patience)));
    if (!_context || _context->err)
        fail("cannot be reached");
    if (redisSetTimeout(_context.get(), timevalOf(patience)) != REDIS_OK)
        fail("takes no timeout");
    (void)redisEnableKeepAlive(_context.get()); // a convenience: without it a dead host is noticed by the patience
}

/// The first Sentinel that knows the master and whose word holds: one may not have heard yet of a failover.
void RedisConnection::openMaster(std::chrono::milliseconds patience)
{
    std::string why = "no Sentinel can be reached";
    for (const auto& sentinel : _address.places)
        try
        {
            open(sentinel, patience);
            const auto found = ask({"SENTINEL", "get-master-addr-by-name", _address.master});
            unsigned port = 0;
            if (found.kind != Kind::ARRAY || found.items.size() != 2 ||
                !Poco::NumberParser::tryParseUnsigned(found.items[1].text, port))
            {
                why = "the Sentinel at " + sentinel.text() + " knows no master of that name";
                continue;
            }
            open({found.items[0].text, static_cast<std::uint16_t>(port)}, patience);
            return;
        }
        catch (const Poco::IOException& exc)
        {
            why = exc.message();
        }
    throw Poco::IOException("Redis at " + _address.text() + " cannot be found: " + why);
}

void RedisConnection::introduce()
{
    if (!_address.password.empty())
        check(ask(_address.user.empty() ? RedisCommand{"AUTH", _address.password}
                                        : RedisCommand{"AUTH", _address.user, _address.password}),
              "lets us not in");
    if (!_address.master.empty()) // one that was the master until now would take no command that writes
        if (const auto role = ask({"ROLE"}); role.items.empty() || role.items[0].text != "master")
            fail("is no master any more");
    if (_address.database != 0)
        check(ask({"SELECT", std::to_string(_address.database)}), "has no such database");
    const auto info = ask({"INFO", "server"});
    check(info, "does not say what it is");
    constexpr std::string_view RUN_ID = "run_id:";
    if (const auto at = info.text.find(RUN_ID); at != std::string::npos)
        _runId = info.text.substr(at + RUN_ID.size(), 40);
    if (info.text.find("\nloading:1") != std::string::npos)
        fail("is loading its data");
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::fail(const std::string& what) const
{
    std::string cause;
    if (_context && _context->err)
        cause = std::string(": ") + _context->errstr;
    throw Poco::IOException("Redis at " + _address.text() + ' ' + what + cause);
}

void RedisConnection::check(const RedisReply& reply, const char* what) const
{
    if (reply.kind == Kind::ERROR)
        fail(what + (": " + reply.text));
}

void RedisConnection::add(const RedisCommand& command)
{
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    words.reserve(command.size());
    sizes.reserve(command.size());
    for (const auto& word : command)
    {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    if (redisAppendCommandArgv(_context.get(), static_cast<int>(words.size()), words.data(), sizes.data()) != REDIS_OK)
        fail("takes no command");
}

RedisReply RedisConnection::next()
{
    void* raw = nullptr;
    if (redisGetReply(_context.get(), &raw) != REDIS_OK || !raw)
        fail("does not answer");
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
    return copied(*reply);
}

std::vector<RedisReply> RedisConnection::askAll(const std::vector<RedisCommand>& commands)
{
    for (const auto& command : commands)
        add(command);
    std::vector<RedisReply> replies;
    replies.reserve(commands.size());
    while (replies.size() < commands.size())
        replies.push_back(next());
    return replies;
}

RedisReply RedisConnection::ask(const RedisCommand& command)
{
    add(command);
    return next();
}

} // namespace tenon::store

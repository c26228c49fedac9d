#include "store/redis/RedisConnection.h"

#include "store/redis/RedisScript.h"
#include "store/redis/wire/RedisSentinel.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::store
{

using Kind = RedisReply::Kind;

/// What the channel says of itself, with the name of the server.
template <typename Work>
void RedisConnection::reach(Work&& work) const
{
    try
    {
        work();
    }
    catch (const Poco::IOException& exc)
    {
        fail(exc.message());
    }
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
    reach([&] { _channel = RedisChannel::open(_address, place, patience); });
    _place = place.text();
}

/// The first Sentinel that knows the master and whose word holds: one may not have heard yet of a failover.
void RedisConnection::openMaster(std::chrono::milliseconds patience)
{
    std::string why = "no Sentinel can be reached";
    for (const auto& sentinel : _address.places)
        try
        {
            return open(RedisSentinel(_address, sentinel, patience).master(), patience);
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
            fail("is no longer the master");
    if (_address.database != 0)
        check(ask({"SELECT", std::to_string(_address.database)}), "has no such database");
    const auto info = ask({"INFO", "server"});
    check(info, "does not say what it is");
    constexpr std::string_view RUN_ID = "run_id:";
    if (const auto at = info.text.find(RUN_ID); at != std::string::npos)
        _runId = info.text.substr(at + RUN_ID.size(), 40);
    if (info.text.find("\nloading:1") != std::string::npos)
        fail("is loading its data");
    std::vector<RedisCommand> scripts;
    for (const auto* script : RedisScript::all())
        scripts.push_back({"SCRIPT", "LOAD", script->text()});
    for (const auto& loaded : askAll(scripts))
        check(loaded, "refuses the script");
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::fail(const std::string& what) const
{
    throw Poco::IOException("Redis at " + _address.text() + ' ' + what);
}

void RedisConnection::check(const RedisReply& reply, const char* what) const
{
    if (reply.kind == Kind::ERROR)
        fail(what + (": " + reply.text));
}

void RedisConnection::add(RedisWords& command)
{
    reach([&] { _channel->add(command); });
}

void RedisConnection::flush()
{
    reach([&] { _channel->flush(); });
}

RedisReply RedisConnection::next()
{
    RedisReply reply;
    reach([&] { reply = _channel->next(); });
    return reply;
}

std::vector<RedisReply> RedisConnection::askAll(const std::vector<RedisCommand>& commands)
{
    std::vector<RedisReply> replies;
    replies.reserve(commands.size());
    RedisWords words;
    for (const auto& command : commands)
    {
        words.fill(command);
        add(words);
    }
    flush();
    while (replies.size() < commands.size())
        replies.push_back(next());
    return replies;
}

RedisReply RedisConnection::ask(const RedisCommand& command)
{
    return std::move(askAll({command}).front());
}

} // namespace tenon::store

#include "store/redis/RedisLink.h"

#include "base/threads/SteadyClock.h"
#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tenon::store
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t MAX_BATCH = 256;
constexpr std::size_t MAX_BATCH_BYTES = 256 * 1024;
constexpr std::size_t MAX_QUEUED = 100'000;
constexpr std::size_t MAX_QUEUED_BYTES = 64 * 1024 * 1024;
constexpr auto BETWEEN_ATTEMPTS = 200ms;
constexpr auto GATHER = 1ms;
constexpr std::size_t ENOUGH = 128; // to be sent without waiting for more

Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.store");
    return instance;
}

/// What one throws must neither look like a broken connection nor keep the others from their answers.
void tell(const RedisLink::Answered& answered, const RedisReply* reply)
{
    if (answered)
        base::threadRoot("what waited for Redis", [&] { answered(reply); });
}

} // namespace

RedisLink::RedisLink(RedisAddress address, std::chrono::milliseconds patience)
    : _address(std::move(address)), _patience(patience)
{
}

RedisLink::~RedisLink()
{
    stop();
}

void RedisLink::start()
{
    std::unique_lock lock(_mutex);
    _thread = std::thread([this] { base::threadRoot("the link to Redis", [this] { run(); }); });
    _wake.wait(lock, [this] { return _tried; });
}

void RedisLink::stop()
{
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        _wake.notify_all();
    }
    if (_thread.joinable())
        _thread.join();
}

void RedisLink::ask(RedisCommand command, Answered answered)
{
    std::size_t bytes = 0;
    for (const auto& word : command)
        bytes += word.size();
    const bool hurries = answered != nullptr;
    add({std::move(command), bytes, std::move(answered)}, hurries);
}

void RedisLink::askLate(std::shared_ptr<Late> late, std::size_t bytes)
{
    add({{}, bytes, nullptr, std::move(late)}, false);
}

void RedisLink::add(Waiting waiting, bool hurries)
{
    {
        std::lock_guard lock(_mutex);
        if (!away() && !_stopping && _queue.size() < MAX_QUEUED && _bytes + waiting.bytes <= MAX_QUEUED_BYTES)
        {
            hurries = hurries && !_urgent;
            _urgent = _urgent || hurries;
            _bytes += waiting.bytes;
            _queue.push_back(std::move(waiting));
            if (_queue.size() == 1 || _queue.size() == ENOUGH || hurries)
                _wake.notify_all();
            return;
        }
    }
    ++_lost;
    if (waiting.late)
        waiting.late->dropped();
    if (waiting.answered)
        waiting.answered(nullptr);
}

std::int64_t RedisLink::steadyForMs() const
{
    if (away())
        return 0;
    const auto since = _backSinceMs.load();
    return since == 0 ? std::numeric_limits<std::int64_t>::max() : base::steadyMs() - since;
}

std::size_t RedisLink::queued() const
{
    std::lock_guard lock(_mutex);
    return _queue.size();
}

void RedisLink::run()
{
    std::string said;
    for (;;)
    {
        try
        {
            connect();
            if (!said.empty())
                logger().information("Redis at " + _address.text() + " is back");
            said.clear();
            serve();
            return; // told to stop
        }
        catch (const Poco::Exception& exc)
        {
            if (exc.message() != said) // once, not at every attempt
                logger().warning(exc.message() + "; local work continues");
            said = exc.message();
        }
        _connection.reset();
        drain();
        std::unique_lock lock(_mutex);
        _tried = true;
        _wake.notify_all();
        if (_wake.wait_for(lock, BETWEEN_ATTEMPTS, [this] { return _stopping; }))
            return;
    }
}

void RedisLink::connect()
{
    _connection = std::make_unique<RedisConnection>(_address, _patience);
    if (_everThere)
        _backSinceMs = base::steadyMs();
    {
        std::lock_guard lock(_mutex);
        _away = false;
        _tried = true;
        _wake.notify_all();
    }
    if (std::exchange(_everThere, true))
        for (const auto& tell : _told)
            tell();
}

void RedisLink::serve()
{
    for (;;)
    {
        auto batch = takeBatch();
        if (batch.empty())
            return;
        send(batch);
    }
}

void RedisLink::send(std::vector<Waiting>& batch)
{
    std::vector<RedisCommand> commands;
    std::vector<std::size_t> last; // command of each
    commands.reserve(batch.size());
    last.reserve(batch.size());
    for (auto& waiting : batch)
    {
        if (waiting.late)
            waiting.late->commands(commands);
        else
            commands.push_back(std::move(waiting.command));
        last.push_back(commands.size() - 1);
    }
    std::vector<RedisReply> replies;
    try
    {
        replies = _connection->askAll(commands);
    }
    catch (const Poco::Exception&)
    {
        lose(batch);
        throw;
    }
    for (std::size_t at = 0; at < batch.size(); ++at)
        tell(batch[at].answered, &replies[last[at]]);
    for (std::size_t at = 0; at < commands.size(); ++at)
        if (replies[at].kind == RedisReply::Kind::ERROR)
            look(commands[at], replies[at]);
}

/// At an error. Throws if another connection is needed.
void RedisLink::look(const RedisCommand& command, const RedisReply& reply) const
{
    if (reply.text.starts_with("WRONGTYPE")) // a stream that others have ended meanwhile
        return;
    logger().warning("Redis refuses " + command.front() + ": " + reply.text);
    if (reply.text.starts_with("READONLY")) // another is the master since a failover
        throw Poco::IOException("Redis at " + _address.text() + " is no longer the master");
    if (reply.text.starts_with("NOSCRIPT")) // somebody had it flush its scripts: a new connection brings them
        throw Poco::IOException("Redis at " + _address.text() + " has lost the scripts");
}

/// Waits for commands, and asks whether Redis is there if there are none for a while. Empty: the link is told to stop, and
/// all have been sent.
std::vector<RedisLink::Waiting> RedisLink::takeBatch()
{
    std::vector<Waiting> batch;
    std::unique_lock lock(_mutex);
    if (!_wake.wait_for(lock, _patience, [this] { return _stopping || !_queue.empty(); }))
    {
        batch.push_back({{"PING"}, 0, nullptr});
        return batch;
    }
    _wake.wait_for(lock, GATHER, [this] { return _stopping || _urgent || _queue.size() >= ENOUGH; });
    std::size_t bytes = 0;
    while (!_queue.empty() && batch.size() < MAX_BATCH && (bytes += _queue.front().bytes) <= MAX_BATCH_BYTES)
    {
        batch.push_back(std::move(_queue.front()));
        _queue.pop_front();
        _bytes -= batch.back().bytes;
    }
    if (batch.empty() && !_queue.empty()) // one that is larger than any batch
    {
        batch.push_back(std::move(_queue.front()));
        _queue.pop_front();
        _bytes -= batch.back().bytes;
    }
    _urgent = _urgent && !_queue.empty();
    return batch;
}

void RedisLink::lose(std::vector<Waiting>& batch)
{
    _lost += batch.size();
    for (auto& waiting : batch)
    {
        if (waiting.late)
            waiting.late->dropped();
        tell(waiting.answered, nullptr);
    }
}

/// Redis is away: nobody waits for what it did not answer.
void RedisLink::drain()
{
    std::vector<Waiting> all;
    {
        std::lock_guard lock(_mutex);
        _away = true;
        all.assign(std::make_move_iterator(_queue.begin()), std::make_move_iterator(_queue.end()));
        _queue.clear();
        _urgent = false;
        _bytes = 0;
    }
    lose(all);
}

} // namespace tenon::store

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
constexpr auto GATHER = 4ms;        // what an instance that is killed may not have written yet
constexpr std::size_t ENOUGH = 128; // to be sent without waiting for more

Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.store");
    return instance;
}

/// Where commands that are made late go.
class Into : public RedisLink::Late::Out
{
public:
    explicit Into(RedisPipeline& pipeline) : _pipeline(pipeline) {}
    void add(std::span<const std::string_view> command) override { _pipeline.add(command); }

private:
    RedisPipeline& _pipeline;
};

} // namespace

RedisLink::RedisLink(RedisAddress address, std::chrono::milliseconds patience)
    : _address(std::move(address)), _patience(patience),
      _watch(_address, _patience, [this] { ask({"PING"}, [](const RedisReply*) {}); }) // so that the thread looks
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
    _watch.start();
}

void RedisLink::stop()
{
    _watch.stop();
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
            if (hurries || _queue.size() == ENOUGH || std::exchange(_idle, false))
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
    const auto since = _steadySinceMs.load();
    return since == 0 ? std::numeric_limits<std::int64_t>::max() : base::steadyMs() - since;
}

void RedisLink::steadySince(std::int64_t ms)
{
    const auto since = base::steadyMs() - ms;
    auto now = _steadySinceMs.load();
    while (now < since && !_steadySinceMs.compare_exchange_weak(now, since))
        continue;
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
        catch (const std::exception& exc) // no memory
        {
            logger().error(std::string("the link to Redis begins anew: ") + exc.what());
        }
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
    _pipeline = std::make_unique<RedisPipeline>(_address, _patience);
    // Behind Sentinels also at the start: others may not know yet of a failover.
    if (_everThere || !_address.master.empty())
        _steadySinceMs = base::steadyMs();
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

/// Until it is told to stop, and all have been sent.
void RedisLink::serve()
{
    std::vector<Waiting> batch;
    for (bool stopping = false; !stopping || _pipeline->open() != 0;)
    {
        const auto owed = _pipeline->open();
        stopping = takeBatch(batch, owed != 0);
        const bool rests = batch.empty();
        const bool hurries =
            std::any_of(batch.begin(), batch.end(), [](const Waiting& waiting) { return waiting.answered != nullptr; });
        if (hasMoved(_pipeline->place()))
        {
            lose(batch);
            throw Poco::IOException("Redis at " + _address.text() + " is no longer the master");
        }
        send(batch);
        // What nobody waits for is answered by the next time.
        _pipeline->receive(hurries || rests ? _pipeline->open() : owed);
    }
}

void RedisLink::send(std::vector<Waiting>& batch)
{
    Into into(*_pipeline);
    auto next = batch.begin();
    try
    {
        for (; next != batch.end(); ++next)
            if (next->late)
                next->late->commands(into);
            else
                _pipeline->add(next->command, std::move(next->answered));
        if (!batch.empty())
            _pipeline->send();
    }
    catch (...)
    {
        batch.erase(batch.begin(), next); // the pipeline has those
        lose(batch);
        throw;
    }
    batch.clear();
}

/// Waits for commands, and asks whether Redis is there if there are none for a while. True: the link is told to stop, and
/// these are the last.
///
/// Shape: `owed`: there are answers to be read; the batch may be empty then.
bool RedisLink::takeBatch(std::vector<Waiting>& batch, bool owed)
{
    std::unique_lock lock(_mutex);
    if (!owed)
    {
        _idle = true;
        const bool any = _wake.wait_for(lock, _patience, [this] { return _stopping || !_queue.empty(); });
        _idle = false;
        if (!any)
        {
            batch.push_back({{"PING"}, 0, nullptr});
            return false;
        }
    }
    _wake.wait_for(lock, GATHER, [this] { return _stopping || _urgent || _queue.size() >= ENOUGH; });
    std::size_t bytes = 0; // the first is taken however large it is
    while (!_queue.empty() && batch.size() < MAX_BATCH &&
           (batch.empty() || bytes + _queue.front().bytes <= MAX_BATCH_BYTES))
    {
        batch.push_back(std::move(_queue.front()));
        _queue.pop_front();
        bytes += batch.back().bytes;
    }
    _bytes -= bytes;
    _urgent = _urgent && !_queue.empty();
    return _stopping && _queue.empty();
}

void RedisLink::lose(std::vector<Waiting>& batch)
{
    _lost += batch.size();
    for (auto& waiting : batch)
    {
        if (waiting.late)
            waiting.late->dropped();
        RedisPipeline::tell(waiting.answered, nullptr);
    }
    batch.clear();
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
    if (_pipeline)
        _lost += _pipeline->lose();
    _pipeline.reset();
    lose(all);
}

} // namespace tenon::store

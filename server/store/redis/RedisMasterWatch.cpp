#include "store/redis/RedisMasterWatch.h"

#include "base/threads/ThreadRoot.h"
#include "store/redis/wire/RedisSentinel.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::store
{

namespace
{

constexpr std::chrono::milliseconds BETWEEN_QUESTIONS{250};

} // namespace

RedisMasterWatch::RedisMasterWatch(RedisAddress address, std::chrono::milliseconds patience,
                                   std::function<void()> moved)
    : _address(std::move(address)), _patience(patience), _moved(std::move(moved))
{
}

RedisMasterWatch::~RedisMasterWatch()
{
    stop();
}

void RedisMasterWatch::start()
{
    if (!_address.master.empty())
        _thread = std::thread([this] { base::threadRoot("the watch of Redis' master", [this] { run(); }); });
}

void RedisMasterWatch::stop()
{
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        _wake.notify_all();
    }
    if (_thread.joinable())
        _thread.join();
}

bool RedisMasterWatch::isAnother(const std::string& place) const
{
    std::lock_guard lock(_mutex);
    return !_master.empty() && _master != place;
}

/// In the order in which connections ask them, so that both follow the same one.
void RedisMasterWatch::run()
{
    for (;;)
    {
        for (const auto& sentinel : _address.places)
        {
            try
            {
                watch(sentinel);
                return;
            }
            catch (const Poco::IOException&)
            {
                // The next one, then; the link says aloud what is wrong if it is concerned.
            }
        }
        if (!rest())
            return;
    }
}

/// Until it is told to stop, or the Sentinel answers no more.
void RedisMasterWatch::watch(const RedisAddress::Place& place)
{
    RedisSentinel sentinel(_address, place, _patience);
    do
        heard(sentinel.master().text());
    while (rest());
}

void RedisMasterWatch::heard(std::string master)
{
    {
        std::lock_guard lock(_mutex);
        if (_master == master)
            return;
        _master = std::move(master);
    }
    _moved();
}

bool RedisMasterWatch::rest()
{
    std::unique_lock lock(_mutex);
    return !_wake.wait_for(lock, BETWEEN_QUESTIONS, [this] { return _stopping; });
}

} // namespace tenon::store

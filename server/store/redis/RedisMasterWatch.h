#pragma once

#include "store/redis/wire/RedisAddress.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tenon::store
{

/// Which server the Sentinels call the master, asked for a few times a second.
///
/// A server that was the master until a failover, and only stood still, serves on for many seconds until a Sentinel tells it
/// that it is not: whoever stays connected to it writes what is soon lost, and finds nothing of what others write.
///
/// Threading: any thread.
class RedisMasterWatch
{
public:
    /// Starts no thread. Shape: `moved` is told on the watch's thread when another server has become the master.
    RedisMasterWatch(RedisAddress address, std::chrono::milliseconds patience, std::function<void()> moved);
    ~RedisMasterWatch();
    RedisMasterWatch(const RedisMasterWatch&) = delete;
    RedisMasterWatch& operator=(const RedisMasterWatch&) = delete;

    /// Once. No effect without Sentinels.
    void start();
    void stop();

    /// Whether the master is, by the last word, another server than the one at `place`. False as long as there is no word.
    [[nodiscard]] bool isAnother(const std::string& place) const;

private:
    void run();
    void watch(const RedisAddress::Place& place);
    void heard(std::string master);
    [[nodiscard]] bool rest();

    const RedisAddress _address;
    const std::chrono::milliseconds _patience;
    const std::function<void()> _moved;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::string _master; ///< RedisAddress::Place::text; empty: there was no word yet
    bool _stopping = false;
    std::thread _thread;
};

} // namespace tenon::store

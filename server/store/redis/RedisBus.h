#pragma once

#include "store/Bus.h"
#include "store/redis/RedisLink.h"
#include "store/redis/RedisMembers.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace tenon::store
{

/// Messages between instances through Redis: an inbox each, a stream that waits for who reads it, and signs of life in a
/// set by Redis' own clock.
///
/// What is sent goes over the link; what arrives is read over a connection of its own, which waits in Redis until there
/// is something (XREAD BLOCK), so no pub/sub is needed to wake it.
///
/// Threading: any thread.
/// Ownership: borrows the link.
class RedisBus : public Bus
{
public:
    /// Shape: `prefix` as RedisArchive's; `leaseMs` is how long an instance without a sign of life is taken to live; what is
    ///        sealed with the secret is good for `sealedMs`.
    RedisBus(RedisLink& link, std::string prefix, std::string tag, std::int64_t leaseMs, std::int64_t sealedMs);
    ~RedisBus() override;

    /// Takes over the secret that the instances have in common, or makes `offer` that. Before `start`; waits for Redis,
    /// within the link's patience.
    void agreeOnSecret(const std::string& offer);
    [[nodiscard]] const std::string& secret() const { return _secret; } ///< empty: there was no agreement

    void start(BusListener& listener) override;
    void stop() override;
    void send(const std::string& tag, std::string message, Taken taken) override;
    void sendToOthers(std::string message) override;
    [[nodiscard]] bool silent() const override { return _lastSign != 0 && isLong(_lastSign); }
    [[nodiscard]] bool stalled() const override { return _stood || (_awake != 0 && isLong(_awake)); }
    [[nodiscard]] std::int64_t timeOfDayMs() const override;
    void describe(std::string state) override;

private:
    void run();
    void serve(RedisConnection& connection);
    void findPlace(RedisConnection& connection);
    void signOfLife(RedisConnection& connection);
    void read(RedisConnection& connection);
    void leave();
    void awake();
    [[nodiscard]] bool isLong(std::int64_t since) const;
    [[nodiscard]] std::string inboxOf(const std::string& tag) const { return _prefix + ":in:" + tag; }

    RedisLink& _link;
    const std::string _prefix;
    const RedisMembers _who;
    const std::string _tag;
    const std::int64_t _leaseMs;
    const std::string _secretMs;      ///< how long the secret outlives the last instance
    BusListener* _listener = nullptr; ///< constant after `start`
    std::string _secret;              ///< the same

    std::atomic<std::int64_t> _lastSign{0}; ///< base::steadyMs; 0: none yet
    std::atomic<std::int64_t> _awake{0};    ///< the same; when the thread was last seen to run
    std::atomic<bool> _stood{false};        ///< it stood still since the last sign
    std::atomic<std::int64_t> _ahead{0};    ///< Redis' time of day less base::steadyMs; 0: not known yet

    // The thread's own.
    std::string _last = "0-0";                     ///< of the inbox
    std::map<std::string, std::int64_t> _lastSeen; ///< by tag; base::steadyMs

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::string _state = "{}";
    bool _begun = false; ///< the first sign of life has been given, or could not be
    bool _stopping = false;
    std::thread _thread;
};

} // namespace tenon::store

#pragma once

#include "store/redis/RedisMasterWatch.h"
#include "store/redis/RedisPipeline.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace tenon::store
{

/// Commands to Redis from many threads over one connection, pipelined, in the order of the calls, none of them waited
/// for. It connects again by itself.
///
/// A command whose answer nobody asked for may wait four milliseconds for others, and its answer is read when the next ones go: the
/// events of many calls go out with one write, and no thread wakes for them but by its own clock.
///
/// Threading: any thread. Callbacks run on the link's thread, or on the caller's if the command is not taken; they must not
///            block.
class RedisLink
{
public:
    static constexpr std::chrono::milliseconds BETWEEN_ATTEMPTS{200}; ///< to connect

    /// Shape: null: Redis is away, or too much waits for it; whether the command was carried out is not known.
    using Answered = RedisPipeline::Answered;

    /// Starts no thread. Shape: `patience` is how long one answer may take.
    RedisLink(RedisAddress address, std::chrono::milliseconds patience);
    ~RedisLink();
    RedisLink(const RedisLink&) = delete;
    RedisLink& operator=(const RedisLink&) = delete;

    /// Connects, from a thread of its own from then on; waits for the first attempt. Once.
    void start();

    /// Sends what is queued, as far as Redis takes it within the patience, and ends.
    void stop();

    void ask(RedisCommand command, Answered answered = nullptr);

    /// What becomes commands only when they are about to be sent, and so may grow until then. Nobody waits for the
    /// answers.
    class Late
    {
    public:
        virtual ~Late() = default;
        /// Where they go.
        class Out
        {
        public:
            virtual ~Out() = default;
            virtual void add(std::span<const std::string_view> command) = 0;
        };
        /// Adds them, at least one. On the link's thread.
        virtual void commands(Out& out) = 0;
        /// They will never be sent.
        virtual void dropped() = 0;
    };
    /// Shape: `bytes` is what it takes by now.
    void askLate(std::shared_ptr<Late> late, std::size_t bytes);

    /// Told on the link's thread each time Redis is there again. Before `start`.
    void onReturn(std::function<void()> told) { _told.push_back(std::move(told)); }

    [[nodiscard]] bool away() const { return _away.load(std::memory_order_acquire); }

    /// For how many milliseconds by now Redis has had what was written to it: since it was last away, or another server's
    /// place was taken; since ever: a large number.
    [[nodiscard]] std::int64_t steadyForMs() const;

    /// It has not had that for longer than `ms`: somebody has found that out in Redis itself.
    void steadySince(std::int64_t ms);

    /// Whether another server than the one at `place` has become the master.
    [[nodiscard]] bool hasMoved(const std::string& place) const { return _watch.isAnother(place); }

    [[nodiscard]] const RedisAddress& address() const { return _address; }
    [[nodiscard]] std::chrono::milliseconds patience() const { return _patience; }

    // For metrics.
    [[nodiscard]] std::size_t queued() const;
    [[nodiscard]] std::uint64_t lost() const { return _lost.load(); } ///< commands that were not carried out

private:
    struct Waiting
    {
        RedisCommand command;
        std::size_t bytes;
        Answered answered;
        std::shared_ptr<Late> late = nullptr; ///< makes the commands
    };
    void add(Waiting waiting, bool hurries);

    void run();
    void connect();
    void serve();
    [[nodiscard]] bool takeBatch(std::vector<Waiting>& batch, bool owed);
    void send(std::vector<Waiting>& batch);
    void lose(std::vector<Waiting>& batch);
    void drain();

    const RedisAddress _address;
    const std::chrono::milliseconds _patience;
    std::vector<std::function<void()>> _told; ///< constant after `start`

    std::atomic<bool> _away{true};
    std::atomic<std::int64_t> _steadySinceMs{0}; ///< base::steadyMs; 0: since ever
    std::atomic<std::uint64_t> _lost{0};

    RedisMasterWatch _watch;

    std::unique_ptr<RedisPipeline> _pipeline; ///< the thread's own
    bool _everThere = false;                  ///< the thread's own

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::deque<Waiting> _queue;
    std::size_t _bytes = 0;
    bool _urgent = false; ///< somebody waits for the answer to one of them
    bool _idle = false;   ///< the thread waits for the first of them
    bool _tried = false;  ///< the first attempt is over
    bool _stopping = false;
    std::thread _thread;
};

} // namespace tenon::store

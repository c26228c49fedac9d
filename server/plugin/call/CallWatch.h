#pragma once

#include "base/threads/Once.h"
#include "base/threads/ShortLock.h"
#include "base/threads/Timers.h"
#include "plugin/call/PluginLimit.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace tenon::plugin
{

/// Watches the threads that are inside plugins in this process, and writes off those that a call holds long after its
/// deadline: the pools and the plugin's limit get another thread instead (see `base::LostThreads`). What such a call
/// excludes by its tool's concurrency stays excluded, for it is still inside.
///
/// Threading: any thread.
class CallWatch
{
public:
    using Clock = std::chrono::steady_clock;

    /// Whose threads are watched: a plugin.
    struct Subject
    {
        std::string name;
        std::shared_ptr<PluginLimit> limit;     ///< null: none
        std::atomic<std::uint64_t> lost{0};     ///< now
        std::atomic<std::uint64_t> everLost{0}; ///< those that came back among them
    };

private:
    struct Shard;

    /// A thread's place in a list of those that are inside.
    struct Place
    {
        explicit Place(Subject& of) : subject(of) {}

        Subject& subject;
        Shard* shard = nullptr; ///< null: not watched
        std::chrono::milliseconds patience{};
        std::thread::id thread;

        // Guarded by the shard's lock.
        Clock::time_point due{}; ///< set at the first look: entering reads no clock
        bool lost = false, reported = false;
        Place* previous = nullptr;
        Place* next = nullptr;
    };

public:
    /// While it lives the calling thread is inside.
    class Inside
    {
    public:
        /// Shape:     without a deadline (0) nothing is watched; `grace` is what the call has after it.
        /// Ownership: borrows both while it lives.
        Inside(CallWatch& watch, Subject& subject, std::uint64_t deadlineMs, std::chrono::milliseconds grace);
        ~Inside();
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

    private:
        Place _place;
    };

    /// Begins to look now and then, if it does not yet.
    ///
    /// Ownership: `timers` end before this object.
    void start(base::Timers& timers);

    /// Writes off what is due.
    void look(Clock::time_point now);

private:
    static constexpr std::size_t SHARDS = 16;

    struct alignas(64) Shard
    {
        base::ShortLock lock; // guards the list
        Place* first = nullptr;
    };

    std::array<Shard, SHARDS> _shards;
    base::Once _started;
};

} // namespace tenon::plugin

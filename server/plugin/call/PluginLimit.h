#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace tenon::plugin
{

/// Entries that wait for room in a plugin's limit.
///
/// Threading: with the limit's mutex held.
class EntryWaiter
{
public:
    virtual ~EntryWaiter() = default;

    /// What lets entries in, by the tickets they waited with. Moved as it is from where it waited: no memory is needed,
    /// so that a shortage costs nobody their turn.
    using Due = std::multimap<std::uint64_t, std::function<void()>>;

    /// Puts what lets the next one in into `due`; false if none can go now.
    virtual bool takeNext(Due& due) noexcept = 0;
    [[nodiscard]] virtual bool hasNext() const noexcept = 0;

    std::shared_ptr<EntryWaiter> nextWaiter; ///< the limit's, while this one waits for it
};

/// How many entries into one plugin may hold a thread at once; shared by all its kinds of entries.
///
/// As long as nobody waits, entering and leaving are one step on one word; with the first who waits, everybody takes the
/// mutex until the last who waits is in.
///
/// Threading: any thread.
class PluginLimit
{
public:
    using Due = EntryWaiter::Due;

    /// Shape: 0 is no limit.
    explicit PluginLimit(std::size_t limit) : maxConcurrent(limit) {}
    const std::size_t maxConcurrent;

    /// Entries that hold a thread now.
    [[nodiscard]] std::size_t running() const noexcept { return _word.load(std::memory_order_acquire) & ~CROWDED; }

    /// A call holds its thread for good: another one may run in its place. `letIn` is due, without any lock.
    void writeOff() noexcept { _lost.fetch_add(1, std::memory_order_acq_rel); }
    void letIn();

    /// Such a call has given its thread back after all.
    void takeBack() noexcept { _lost.fetch_sub(1, std::memory_order_acq_rel); }

    /// Whether calls are written off now.
    [[nodiscard]] bool lacks() const noexcept { return _lost.load(std::memory_order_acquire) > 0; }

    /// Has those enter whose turn has come; one that fails keeps no other from it. Without any lock.
    static void run(const Due& due) noexcept;

    // Without the mutex; false if somebody waits (or, for the first, if there is no room).
    [[nodiscard]] bool tryEnter() noexcept;
    [[nodiscard]] bool tryLeave() noexcept;

    /// Guards what waits, here and in the queues of this limit. What is due runs without it.
    [[nodiscard]] std::mutex& mutex() const noexcept { return _mutex; }

    // With the mutex.
    [[nodiscard]] bool enterIfRoom() noexcept;
    void leave() noexcept { _word.fetch_sub(1, std::memory_order_acq_rel); }
    void wait(std::shared_ptr<EntryWaiter> waiter) noexcept;
    void collect(Due& due) noexcept; ///< lets in what there is room for, waiters taking turns

private:
    static constexpr std::size_t CROWDED = ~(~std::size_t(0) >> 1); ///< somebody waits

    [[nodiscard]] bool hasRoom(std::size_t running) const noexcept
    {
        return maxConcurrent == 0 || running < maxConcurrent + _lost.load(std::memory_order_relaxed);
    }

    std::atomic<std::size_t> _word{0}; ///< entries that hold a thread, and CROWDED
    std::atomic<std::size_t> _lost{0}; ///< of them, written off

    mutable std::mutex _mutex; // guards, beside what it says above:
    std::shared_ptr<EntryWaiter> _firstWaiter;
    EntryWaiter* _lastWaiter = nullptr;
};

} // namespace tenon::plugin

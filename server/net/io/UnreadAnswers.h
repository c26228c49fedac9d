#pragma once

#include "base/limits/Budget.h"
#include "base/threads/ShortLock.h"
#include "net/io/Readiness.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace tenon::net
{

/// Answers that peers have not taken yet, and whose connections have to go when memory is short.
///
/// Answers may have all the memory that nobody else wants. Once nearly all of it is used, the holder for whom most of it
/// waits loses the connection whose peer has taken nothing for longest, then the next, until there is room again: nobody
/// who behaves is refused for the sake of peers that do not read. The sweep, which gives those a few seconds, comes too late
/// for that: two thousand of them fill the memory in one.
///
/// Threading: any thread.
/// Ownership: borrows the budget; outlives its places.
class UnreadAnswers
{
    struct Holder;
    struct Entry;

public:
    explicit UnreadAnswers(base::Budget& whole) : _whole(whole) {}
    UnreadAnswers(const UnreadAnswers&) = delete;
    UnreadAnswers& operator=(const UnreadAnswers&) = delete;

    class Place;

    /// Has the next connection go; 0: there is memory enough. Whoever asks tells the connection.
    [[nodiscard]] ConnectionRef nextToGo() noexcept;

    /// What waits, in bytes.
    [[nodiscard]] std::uint64_t bytes() const noexcept;

private:
    struct Entry
    {
        // Constant after construction.
        ConnectionRef ref = 0;
        Holder* holder = nullptr; ///< stays as long as it has entries

        std::atomic<bool> mustGo{false}; ///< written under the lock

        // Guarded by the lock.
        std::uint64_t bytes = 0;
        Entry *before = nullptr, *behind = nullptr; ///< in the line of its holder, unless it must go
    };

    struct Holder
    {
        std::uint16_t id = 0;
        std::size_t entries = 0; ///< in line, or going
        std::uint64_t bytes = 0; ///< of those in line
        Entry *first = nullptr, *last = nullptr;
    };

    void enter(Entry& entry, std::uint16_t holder);
    void leave(Entry& entry) noexcept;
    void change(Entry& entry, std::uint64_t bytes, bool moves) noexcept;
    [[nodiscard]] bool isShort(std::uint64_t going) const noexcept;

    // With `_lock` held.
    static void putLast(Entry& entry) noexcept;
    static void takeOut(Entry& entry) noexcept;

    base::Budget& _whole;

    mutable base::ShortLock _lock; // guards all below
    std::unordered_map<std::uint16_t, Holder> _holders;
    std::uint64_t _waiting = 0; ///< in line
    std::uint64_t _going = 0;   ///< of those that must go, until they have
};

/// What waits in one connection. Counts against the budget, which it may overdraw: an answer that exists has to go somewhere.
///
/// Errors:    std::bad_alloc from the constructor.
/// Threading: one thread at a time.
/// Ownership: borrows `all`.
class UnreadAnswers::Place
{
public:
    /// Shape: `holder` as the connection table numbers them.
    Place(UnreadAnswers& all, ConnectionRef ref, std::uint16_t holder);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void add(std::uint64_t bytes) noexcept;

    /// The peer took some. Shape: `bytes` need not be kept any more; 0 if a text has left in part.
    void took(std::uint64_t bytes) noexcept;

    /// Memory is short, and this connection makes room.
    [[nodiscard]] bool mustGo() const noexcept { return _entry.mustGo.load(std::memory_order_relaxed); }

private:
    UnreadAnswers& _all;
    base::BudgetShare _share;
    Entry _entry;
};

} // namespace tenon::net

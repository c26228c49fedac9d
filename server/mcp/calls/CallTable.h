#pragma once

#include "base/threads/ShortLock.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tenon::mcp
{

class Call;

/// All calls that have not ended, for the clock and for draining.
///
/// In shards, so that threads do not wait for each other: entering and leaving are on the hot path.
///
/// Threading: any thread.
class CallTable
{
public:
    static constexpr std::size_t SHARDS = 16;

    /// A call's place in the table; the table alone looks into it.
    struct Place
    {
        const std::size_t shard = (reinterpret_cast<std::uintptr_t>(this) >> 6) % SHARDS;
        Call* previous = nullptr;
        Call* next = nullptr;
        bool listed = false;
    };

    void add(Call& call);
    void remove(Call& call); ///< harmless if it is not listed

    /// Looks at the deadlines of all calls.
    void checkDeadlines(std::int64_t nowMs);

    [[nodiscard]] std::vector<std::shared_ptr<Call>> all() const;
    [[nodiscard]] std::size_t count() const { return _count.load(std::memory_order_relaxed); }

private:
    struct alignas(64) Shard
    {
        mutable base::ShortLock lock; // guards the list
        Call* first = nullptr;
    };

    std::array<Shard, SHARDS> _shards;
    std::atomic<std::size_t> _count{0};
};

} // namespace tenon::mcp

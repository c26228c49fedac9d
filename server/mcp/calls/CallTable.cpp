#include "mcp/calls/CallTable.h"

#include "mcp/calls/Call.h"

#include <mutex>
#include <utility>

namespace tenon::mcp
{

void CallTable::add(Call& call)
{
    Shard& shard = _shards[call.place.shard];
    const std::lock_guard lock(shard.lock);
    call.place.listed = true;
    call.place.next = shard.first;
    if (shard.first)
        shard.first->place.previous = &call;
    shard.first = &call;
    _count.fetch_add(1, std::memory_order_relaxed);
}

void CallTable::remove(Call& call)
{
    Shard& shard = _shards[call.place.shard];
    const std::lock_guard lock(shard.lock);
    if (!call.place.listed)
        return;
    Call* const previous = std::exchange(call.place.previous, nullptr);
    Call* const next = std::exchange(call.place.next, nullptr);
    call.place.listed = false;
    (previous ? previous->place.next : shard.first) = next;
    if (next)
        next->place.previous = previous;
    _count.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<CallPtr> CallTable::all() const
{
    std::vector<CallPtr> calls;
    for (const auto& shard : _shards)
    {
        const std::lock_guard lock(shard.lock);
        for (Call* call = shard.first; call; call = call->place.next)
            if (auto held = call->weak_from_this().lock())
                calls.push_back(std::move(held));
    }
    return calls;
}

void CallTable::checkDeadlines(std::int64_t nowMs)
{
    for (const auto& call : all())
        call->checkDeadline(nowMs);
}

} // namespace tenon::mcp

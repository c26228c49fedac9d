#include "mcp/calls/CallTable.h"

#include "mcp/calls/Call.h"

#include <mutex>

namespace tenon::mcp
{

CallTable::Shard& CallTable::shardOf(const Call& call)
{
    return _shards[(reinterpret_cast<std::uintptr_t>(&call) >> 6) % SHARDS];
}

void CallTable::add(Call& call)
{
    Shard& shard = shardOf(call);
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
    Shard& shard = shardOf(call);
    const std::lock_guard lock(shard.lock);
    if (!call.place.listed)
        return;
    const Place place = call.place;
    call.place = {};
    (place.previous ? place.previous->place.next : shard.first) = place.next;
    if (place.next)
        place.next->place.previous = place.previous;
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

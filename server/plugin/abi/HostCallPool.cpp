#include "plugin/abi/HostCallPool.h"

#include <memory>
#include <utility>

namespace tenon::plugin
{

namespace
{
// They stay for ever: each by itself, among memory that comes and goes, would keep a page.
constexpr std::size_t SIDE_BY_SIDE = 64;
} // namespace

void HostCallPool::Line::pushFront(HostCall* call) noexcept
{
    call->nextInPool = _first;
    _first = call;
    if (_size++ == 0)
        _last = call;
}

void HostCallPool::Line::pushBack(HostCall* call) noexcept
{
    call->nextInPool = nullptr;
    (_size++ == 0 ? _first : _last->nextInPool) = call;
    _last = call;
}

HostCall* HostCallPool::Line::popFront() noexcept
{
    if (_size == 0)
        return nullptr;
    --_size;
    return std::exchange(_first, _first->nextInPool);
}

/// Threads that serve come and go, and each leaves what it has to the next.
HostCallPool::OwnStore::~OwnStore()
{
    HostCallPool& pool = common();
    while (HostCall* const call = calls.popFront())
    {
        call->giveBackRoom();
        const std::lock_guard lock(pool._mutex);
        pool._idle.pushFront(call);
    }
}

HostCall* HostCallPool::take()
{
    HostCall* const own = ofThisThread().calls.popFront();
    return own ? own : common().takeCommon();
}

HostCall* HostCallPool::takeCommon()
{
    const std::lock_guard lock(_mutex);
    if (HostCall* const call = _idle.popFront())
        return call;
    if (_resting.size() > MIN_RESTING)
        return _resting.popFront();
    HostCall* const calls = std::make_unique<HostCall[]>(SIDE_BY_SIDE).release();
    for (std::size_t index = 1; index < SIDE_BY_SIDE; ++index)
        _idle.pushBack(calls + index);
    return calls;
}

void HostCallPool::give(HostCall* call, bool suspicious) noexcept
{
    Line& own = ofThisThread().calls;
    if (!suspicious && own.size() < MAX_OWN)
        return own.pushFront(call);
    call->giveBackRoom();
    HostCallPool& pool = common();
    const std::lock_guard lock(pool._mutex);
    (suspicious ? pool._resting : pool._idle).pushBack(call);
}

HostCallPool& HostCallPool::common()
{
    // Never destroyed: threads of plugins may outlive main.
    static HostCallPool& pool = *new HostCallPool;
    return pool;
}

HostCallPool::OwnStore& HostCallPool::ofThisThread()
{
    thread_local OwnStore store;
    return store;
}

} // namespace tenon::plugin

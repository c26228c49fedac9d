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

void HostCallPool::giveCommon(HostCall* call, bool suspicious) noexcept
{
    call->giveBackRoom();
    const std::lock_guard lock(_mutex);
    (suspicious ? _resting : _idle).pushBack(call);
}

HostCallPool& HostCallPool::common()
{
    // Never destroyed: threads of plugins may outlive main.
    static HostCallPool& pool = *new HostCallPool;
    return pool;
}

} // namespace tenon::plugin

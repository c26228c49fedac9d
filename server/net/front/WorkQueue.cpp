#include "net/front/WorkQueue.h"

#include <algorithm>
#include <new>

namespace tenon::net
{

void WorkQueue::push(ConnectionRef ref, std::uint8_t bits) noexcept
{
    try
    {
        const std::lock_guard lock(_mutex);
        _events.push_back({ref, bits});
        _ready.fetch_add(1);
    }
    catch (const std::bad_alloc&)
    {
        _forgotten.store(true);
    }
}

bool WorkQueue::enterLane(TurnQueue::Turn& turn) noexcept
{
    if (!hasLarge())
        return false;
    if (_inLane.fetch_add(1) < _maxLarge && _large.pop(turn))
        return true;
    leaveLane();
    return false;
}

bool WorkQueue::reserve() noexcept
{
    std::size_t reserved = _reserved.load();
    while (reserved < _maxParked)
        if (_reserved.compare_exchange_weak(reserved, reserved + 1))
            return true;
    return false;
}

bool WorkQueue::park(ConnectionRef ref, Clock::time_point until) noexcept
{
    try
    {
        const std::lock_guard lock(_mutex);
        _parked.push_back({ref, until});
        _ready.fetch_add(1);
    }
    catch (const std::bad_alloc&)
    {
        cancel();
        return false;
    }
    _queued.add();
    return true;
}

/// With `_mutex` held.
void WorkQueue::unparked() noexcept
{
    _reserved.fetch_sub(1);
    _ready.fetch_sub(1);
    _queued.add(-1);
}

bool WorkQueue::pop(bool mayBlock, Event& event) noexcept
{
    const std::lock_guard lock(_mutex);
    if (!_parked.empty() && mayBlock)
    {
        event = {_parked.front().ref, PARKED};
        _parked.pop_front();
        unparked();
        return true;
    }
    if (_events.empty())
        return false;
    event = _events.front();
    _events.pop_front();
    _ready.fetch_sub(1);
    return true;
}

bool WorkQueue::popOverdue(Clock::time_point now, ConnectionRef& ref) noexcept
{
    const std::lock_guard lock(_mutex);
    if (_parked.empty() || _parked.front().until > now)
        return false;
    ref = _parked.front().ref;
    _parked.pop_front();
    unparked();
    return true;
}

bool WorkQueue::unpark(ConnectionRef ref) noexcept
{
    const std::lock_guard lock(_mutex);
    const auto entry =
        std::find_if(_parked.begin(), _parked.end(), [ref](const Parked& parked) { return parked.ref == ref; });
    if (entry == _parked.end())
        return false;
    _parked.erase(entry);
    unparked();
    return true;
}

bool WorkQueue::pushFlush(ConnectionRef ref) noexcept
{
    try
    {
        const std::lock_guard lock(_mutex);
        _toFlush.push_back(ref);
        _flushes.store(_toFlush.size());
        return _toFlush.size() == 1;
    }
    catch (const std::bad_alloc&)
    {
        _forgotten.store(true);
        return false;
    }
}

std::size_t WorkQueue::popFlushes(ConnectionRef* refs, std::size_t most) noexcept
{
    const std::lock_guard lock(_mutex);
    std::size_t count = 0;
    for (; count < most && !_toFlush.empty(); ++count)
    {
        refs[count] = _toFlush.front();
        _toFlush.pop_front();
    }
    _flushes.store(_toFlush.size());
    return count;
}

} // namespace tenon::net

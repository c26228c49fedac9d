#include "plugin/worker/InFlightCalls.h"

#include <utility>

namespace tenon::plugin
{

namespace
{

/// An id is a slot and how often it was used before: an answer that comes twice finds nothing.
std::uint64_t idOf(std::uint32_t slot, std::uint32_t generation)
{
    return std::uint64_t(generation) << 32 | slot;
}

} // namespace

std::uint64_t InFlightCalls::add(CallBackendPtr call, std::shared_ptr<void> keep)
{
    std::lock_guard lock(_mutex);
    if (_free.empty())
    {
        if (_free.capacity() <= _slots.size()) // so that to take one out takes no memory
            _free.reserve(2 * _slots.size() + 16);
        _slots.emplace_back();
        _free.push_back(static_cast<std::uint32_t>(_slots.size() - 1));
    }
    const std::uint32_t index = _free.back();
    _free.pop_back();
    Slot& slot = _slots[index];
    slot.call = std::move(call);
    slot.keep = std::move(keep);
    slot.begin = Clock::now();
    slot.cancelTold = false;
    ++_used;
    return idOf(index, slot.generation);
}

InFlightCalls::Slot* InFlightCalls::slotOf(std::uint64_t id)
{
    const auto index = static_cast<std::uint32_t>(id);
    if (index >= _slots.size() || _slots[index].generation != id >> 32 || !_slots[index].call)
        return nullptr;
    return &_slots[index];
}

CallBackendPtr InFlightCalls::find(std::uint64_t id) const
{
    std::lock_guard lock(_mutex);
    const Slot* slot = const_cast<InFlightCalls*>(this)->slotOf(id);
    return slot ? slot->call : nullptr;
}

CallBackendPtr InFlightCalls::take(std::uint64_t id, std::shared_ptr<void>& keep)
{
    std::lock_guard lock(_mutex);
    Slot* slot = slotOf(id);
    if (!slot)
        return nullptr;
    ++slot->generation;
    _free.push_back(static_cast<std::uint32_t>(id));
    --_used;
    keep = std::move(slot->keep);
    return std::move(slot->call);
}

std::vector<CallBackendPtr> InFlightCalls::takeAll(std::vector<std::shared_ptr<void>>& kept)
{
    std::vector<CallBackendPtr> calls;
    std::lock_guard lock(_mutex);
    calls.reserve(_used); // all of them, or none for now
    kept.reserve(kept.size() + _used);
    for (std::uint32_t index = 0; index < _slots.size(); ++index)
    {
        Slot& slot = _slots[index];
        if (!slot.call)
            continue;
        ++slot.generation;
        _free.push_back(index);
        calls.push_back(std::move(slot.call));
        kept.push_back(std::move(slot.keep));
    }
    _used = 0;
    return calls;
}

std::size_t InFlightCalls::size() const
{
    std::lock_guard lock(_mutex);
    return _used;
}

InFlightCalls::Overdue InFlightCalls::overdue(Clock::time_point now, std::chrono::milliseconds grace)
{
    Overdue found;
    std::lock_guard lock(_mutex);
    if (_used == 0)
        return found;
    for (std::uint32_t index = 0; index < _slots.size(); ++index)
    {
        Slot& slot = _slots[index];
        if (!slot.call)
            continue;
        const std::chrono::milliseconds deadline(slot.call->deadlineMs());
        const bool late = deadline.count() != 0 && now - slot.begin >= deadline;
        if (!slot.cancelTold && (late || slot.call->isCancelled()))
        {
            slot.cancelTold = true;
            slot.cancelAt = now;
            found.cancelled.push_back(idOf(index, slot.generation));
        }
        // Who cancels early may wait: until the deadline the other calls of the worker are worth more.
        const auto last = deadline.count() != 0 ? slot.begin + deadline + grace : slot.cancelAt + grace;
        if (slot.cancelTold && now >= last)
            found.hopeless = true;
    }
    return found;
}

} // namespace tenon::plugin

#include "net/front/TurnQueue.h"

#include <algorithm>

namespace tenon::net
{

namespace
{

constexpr std::int64_t QUANTUM_NS = std::chrono::nanoseconds(TurnQueue::QUANTUM).count();
constexpr std::int64_t MOST_OWED_NS = 50'000'000; // not all of it need be this holder's doing

} // namespace

void TurnQueue::append(List& list, std::uint16_t number) noexcept
{
    Flow& flow = _flows[number];
    flow.list = &list;
    flow.previous = list.last;
    flow.next = NONE;
    (list.empty() ? list.first : _flows[list.last].next) = number;
    list.last = number;
}

void TurnQueue::unlink(std::uint16_t number) noexcept
{
    Flow& flow = _flows[number];
    (flow.previous == NONE ? flow.list->first : _flows[flow.previous].next) = flow.next;
    (flow.next == NONE ? flow.list->last : _flows[flow.next].previous) = flow.previous;
    flow.list = nullptr;
}

bool TurnQueue::enter(ConnectionRef ref, std::uint8_t bits) noexcept
{
    ConnectionTable::Link& link = _table.link(ref);
    link.next = 0;
    link.bits = bits;
    Flow& flow = _flows[_table.flow(ref)];
    const bool hadNothing = flow.first == 0;
    (hadNothing ? flow.first : _table.link(flow.last).next) = ref;
    flow.last = ref;
    _size.store(_size.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return hadNothing;
}

/// Puts a flow into the list that is due to it, or leaves it where it is.
void TurnQueue::enlist(std::uint16_t number) noexcept
{
    const Flow& flow = _flows[number];
    if (flow.list == &_usual && flow.leftNs > 0)
        unlink(number);
    if (flow.list == nullptr)
        append(_early, number);
}

void TurnQueue::push(ConnectionRef ref, std::uint8_t bits, Clock::time_point now) noexcept
{
    const std::uint16_t number = _table.flow(ref);
    Flow& flow = _flows[number];
    const std::lock_guard lock(_mutex);
    if (!enter(ref, bits))
        return;
    if (now > flow.idleSince)
    {
        const auto idle = std::chrono::duration_cast<std::chrono::nanoseconds>(now - flow.idleSince).count();
        flow.leftNs = std::min<std::int64_t>(flow.leftNs + idle, QUANTUM_NS);
    }
    enlist(number);
}

void TurnQueue::pushAgain(ConnectionRef ref, std::uint8_t bits) noexcept
{
    const std::lock_guard lock(_mutex);
    if (enter(ref, bits))
        enlist(_table.flow(ref));
}

bool TurnQueue::pop(Turn& turn, Clock::time_point now) noexcept
{
    const std::lock_guard lock(_mutex);
    while (!_early.empty() || !_usual.empty())
    {
        List& list = _early.empty() ? _usual : _early;
        const std::uint16_t number = list.first;
        Flow& flow = _flows[number];
        if (flow.first != 0 && flow.leftNs > 0)
        {
            turn = {flow.first, _table.link(flow.first).bits, number};
            flow.first = _table.link(flow.first).next;
            flow.idleSince = now;
            _size.store(_size.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
            return true;
        }
        unlink(number);
        if (flow.leftNs <= 0)
            flow.leftNs += QUANTUM_NS;
        else if (&list == &_usual || _usual.empty())
            continue; // and comes back as one that had nothing to be served
        append(_usual, number);
    }
    return false;
}

void TurnQueue::took(const Turn& turn, Clock::duration time, Clock::time_point now) noexcept
{
    const std::int64_t spent = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    const std::lock_guard lock(_mutex);
    Flow& flow = _flows[turn.flow];
    flow.leftNs = std::max(flow.leftNs - spent, -MOST_OWED_NS);
    flow.idleSince = now;
}

} // namespace tenon::net

#include "mcp/calls/CallLife.h"

#include "base/threads/ThreadRoot.h"

namespace tenon::mcp
{

namespace
{
/// Between the plugin's being told that its time is over and the answer that is given in its place.
constexpr std::int64_t GRACE_MS = 120;
} // namespace

void CallLife::goOn(std::int64_t elapsedMs)
{
    _earlierMs = elapsedMs;
    setTimeout(timeoutMs());
}

void CallLife::setTimeout(std::int64_t timeoutMs)
{
    _timeoutMs.store(timeoutMs, std::memory_order_relaxed);
    _deadlineAt.store(timeoutMs > 0 ? _begunUs / 1000 - _earlierMs + timeoutMs : 0, std::memory_order_relaxed);
}

std::int64_t CallLife::elapsedMs() const
{
    return _earlierMs + base::steadyMs() - _begunUs / 1000;
}

CallLife::Time CallLife::look(std::int64_t nowMs)
{
    const auto deadline = _deadlineAt.load(std::memory_order_relaxed);
    if (deadline == 0 || nowMs < deadline)
        return Time::LEFT;
    if (!_overdue.exchange(true))
        tellCancelled();
    return nowMs >= deadline + GRACE_MS ? Time::OVER : Time::OVERDUE;
}

/// Its turn has come, which is counted already: if no thread is to be had, the turn is given back.
void CallLife::goOn(const plugin::CallBackendPtr& self)
{
    try
    {
        _executor.post([this, self] { run(self, true); });
    }
    catch (const std::exception&)
    {
        _queue->leave(_session);
        if (claimEnd())
            _owner.onRefusal();
    }
}

void CallLife::enter(const plugin::CallBackendPtr& self)
{
    if (ended())
        return;
    if (!_queue || _queue->tryEnter())
        run(self, _queue != nullptr);
    else
        waitForTurn(self);
}

void CallLife::waitForTurn(const plugin::CallBackendPtr& self)
{
    const auto makeResume = [this, &self]() -> plugin::EntryQueue::Resume { return [this, self] { goOn(self); }; };
    plugin::EntryQueue::Ticket ticket = 0;
    switch (_queue->enter(_session, makeResume, &ticket))
    {
    case plugin::EntryQueue::Entry::NOW:
        run(self, true);
        break;
    case plugin::EntryQueue::Entry::LATER:
        _ticket.store(ticket);
        if (ended()) // whoever ended it found no ticket
            withdraw();
        break;
    case plugin::EntryQueue::Entry::REFUSED:
        if (claimEnd())
            _owner.onRefusal();
        break;
    }
}

void CallLife::run(const plugin::CallBackendPtr& self, bool admitted)
{
    if (!_state.beginEntry(admitted))
    {
        if (admitted)
            _queue->leave(_session, false);
        return;
    }
    tenon_status status = TENON_ERROR_RESOURCES;
    base::threadRoot("a call's way into its plugin",
                     [&] { status = _target.instance->enter(_target.kind, _target.index, self); });
    settle(_state.endEntry(status == TENON_ASYNC, status == TENON_INPUT_PENDING), status);
}

void CallLife::settle(const CallState::Exit& exit, tenon_status status)
{
    if (exit.leaves)
        _queue->leave(_session, exit.parked);
    else if (exit.parked)
        _queue->park();
    if (exit.claimed)
        _owner.onFailure(status);
    else if (exit.asks)
        _owner.onQuestions();
}

void CallLife::pending()
{
    if (!_state.pending())
        return;
    auto exit = _state.leave();
    exit.asks = !ended();
    settle(exit, TENON_INPUT_PENDING);
}

/// With all that was kept for it, if it still waits.
void CallLife::withdraw()
{
    if (const auto ticket = _ticket.exchange(0))
        _queue->withdraw(_session, ticket);
}

void CallLife::leaveQueue()
{
    if (_ticket.load() != 0) // hardly ever
        withdraw();
    const auto exit = _state.leave();
    if (exit.leaves)
        _queue->leave(_session, exit.parked);
}

} // namespace tenon::mcp

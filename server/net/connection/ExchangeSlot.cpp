#include "net/connection/ExchangeSlot.h"

namespace tenon::net
{

bool ExchangeSlot::free(bool wanted)
{
    if (!_busy.load())
        return true;
    if (!wanted)
        return false;
    // Who completes the exchange looks at the wish after ending `_busy`, and this thread at `_busy` after the wish: one
    // of the two sees the other.
    _resumeWanted.store(true);
    if (_busy.load())
        return false;
    _resumeWanted.store(false);
    return true;
}

bool ExchangeSlot::comeOut(ServingThread& mark, ConnectionOutput& output)
{
    ServingThread* own = &mark;
    if (_inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel))
        return true;
    const Turn turn(output);
    own = &mark; // whoever took it may have given it back
    return _inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel);
}

/// Whether the calling thread serves the connection, and goes on with it.
bool ExchangeSlot::servedHere() const noexcept
{
    const ServingThread* mark = ServingThread::of(_connection);
    if (mark == nullptr)
        return false;
    const ServingThread* inside = _inside.load(std::memory_order_relaxed);
    return inside == mark || !mark->enters();
}

ExchangeSlot::Over ExchangeSlot::complete(Turn& turn, bool keepAlive)
{
    if (!keepAlive)
        turn.endWhenSent(_bodyLeft);
    Over over{take()};
    if (servedHere()) // which asks after this, and goes on by itself
    {
        _busy.store(false, std::memory_order_release);
        return over;
    }
    _busy.store(false); // another one may be asking now
    over.wakes = _resumeWanted.exchange(false) || !keepAlive;
    return over;
}

ServingThread* ExchangeSlot::takeOut(const Turn&)
{
    ServingThread* inside = _inside.load(std::memory_order_acquire);
    return inside != nullptr && _inside.compare_exchange_strong(inside, nullptr) ? inside : nullptr;
}

} // namespace tenon::net

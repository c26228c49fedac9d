#include "net/connection/ExchangeSlot.h"

#include <new>

namespace tenon::net
{

bool ExchangeSlot::goesOnLater()
{
    // Who completes the exchange looks at the wish after ending `_busy`, and this thread at `_busy` after the wish: one
    // of the two sees the other.
    _resumeWanted.store(true);
    if (_busy.load())
        return true;
    _resumeWanted.store(false);
    return false;
}

std::optional<mcp::Handled> ExchangeSlot::serve(Endpoint& endpoint, const Request& request, ExchangePtr& exchange,
                                                ConnectionOutput& output)
{
    ServingThread mark(_connection, ServingThread::Enters::ENDPOINT);
    _inside.store(&mark, std::memory_order_release);
    const auto comesOut = [&]
    {
        ServingThread* own = &mark;
        if (_inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel))
            return true;
        const Turn turn(output);
        own = &mark; // whoever took it may have given it back
        return _inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel);
    };
    mcp::Handled handled = mcp::Handled::DONE;
    try
    {
        handled = endpoint.serve(request, exchange);
        if (mark.gathers && busy()) // else it left with the answer
            Turn(output).sendGathered();
    }
    catch (...)
    {
        if (comesOut())
            throw;
        return std::nullopt;
    }
    return comesOut() ? std::optional(handled) : std::nullopt;
}

ExchangeSlot::Over ExchangeSlot::complete(Turn& turn, bool keepAlive)
{
    if (!keepAlive)
        turn.endWhenSent(_bodyLeft);
    Over over{take()};
    const ServingThread* mark = ServingThread::of(_connection);
    if (mark != nullptr && (!mark->enters() || _inside.load(std::memory_order_relaxed) == mark))
    {
        // The calling thread serves the connection and has not lost it: it asks after this, and goes on by itself.
        _busy.store(false, std::memory_order_release);
        return over;
    }
    _busy.store(false); // another one may be asking now
    over.wakes = _resumeWanted.exchange(false) || !keepAlive;
    return over;
}

/// The answer may be given long before the function that was asked returns, if it does: by the clock, by another thread of
/// the plugin, or by itself. The connection need not wait for that.
bool ExchangeSlot::takeOver(RequestReader& reader, ConnectionOutput& output) noexcept
{
    if (_inside.load(std::memory_order_relaxed) == nullptr || _busy.load(std::memory_order_relaxed))
        return false;
    Turn turn(output);
    ServingThread* inside = _inside.load(std::memory_order_acquire);
    if (inside == nullptr || !_inside.compare_exchange_strong(inside, nullptr))
        return false;
    // From here on the other thread waits for the turn, if it comes out; it may be in with the next request.
    bool kept = !busy();
    try
    {
        if (kept)
            inside->request = reader.goOnBehind();
    }
    catch (const std::bad_alloc&)
    {
        kept = false; // and is tried again
    }
    if (!kept)
    {
        _inside.store(inside, std::memory_order_release);
        return false;
    }
    try
    {
        kept = reader.keep();
    }
    catch (const std::bad_alloc&)
    {
        kept = false;
    }
    if (!kept) // what came behind the request is lost, and the peer sees that
    {
        reader.drop();
        turn.endWhenSent(false);
    }
    return true;
}

} // namespace tenon::net

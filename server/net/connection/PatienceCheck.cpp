#include "net/connection/PatienceCheck.h"

#include "net/connection/Exchange.h"
#include "net/connection/FrontState.h"

#include <memory>

namespace tenon::net
{

namespace
{

constexpr std::uint32_t UNHEARD_BEATS = 3;           // after which a WebSocket that answers no ping is taken for gone
constexpr std::uint32_t PRESSED_MS = 2000;           // for a peer that gets no further while memory is short:
constexpr std::uint64_t PRESSED_BYTES = 1024 * 1024; // so little is left for bodies

} // namespace

PatienceCheck::Verdict PatienceCheck::look(std::uint32_t activeMs, bool served, ByteTaker* taker)
{
    const std::uint32_t now = _front.nowMs.load(std::memory_order_relaxed);
    const Settings& limits = _front.settings;
    std::shared_ptr<Exchange> stream;
    std::shared_ptr<Exchange> orphan;
    bool stalled = false, expired = false, healthy = false;
    {
        ConnectionOutput::Turn turn(_output);
        if (!turn.usable())
            return Verdict::CLOSE;
        stalled = turn.waiting() > 0;
        const std::shared_ptr<Exchange>& exchange = _slot.current();
        // Whoever was to answer has let go of it, as may happen where memory is short.
        if (exchange && exchange.use_count() == 1 && !exchange->isPacking())
            orphan = exchange;
        else if (stalled && !turn.stalled(now, limits.sendMs) && !(_front.pressed() && turn.slow(now, PRESSED_MS)))
            return Verdict::KEEP;
        if (!orphan && exchange && exchange->isStream())
        {
            stream = exchange;
            expired = stream->expired();
            if (!stalled && !expired)
                stream->heartbeat(turn, now, limits.heartbeatMs, activeMs);
            healthy = !stalled && !expired && !elapsed(now, turn.sentMs(), limits.idleMs);
        }
    }
    if (orphan)
    {
        orphan->forgotten();
        return Verdict::ADVANCE;
    }
    if (healthy)
        return taker != nullptr ? lookAtSocket(now, activeMs, *taker) : Verdict::KEEP;
    if (taker != nullptr && stream && expired && !stalled)
    {
        taker->expire();
        return Verdict::ADVANCE;
    }
    if (stream)
        stream->lost(stalled ? Response::SLOW_READER : expired ? "expired" : "idle");
    if (stalled)
        _front.stalled.add();
    if (stream || stalled)
        return Verdict::CLOSE;
    if (_slot.busy())
        return Verdict::KEEP;
    if (_reader.begun())
        return lookAtRequest(now, activeMs);
    // A connection that never sent anything has the time for a head, later ones the keep-alive time.
    const auto patience = static_cast<std::uint32_t>(
        (served ? _front.params->getKeepAliveTimeout() : _front.params->getTimeout()).totalMilliseconds());
    return elapsed(now, activeMs, patience) || elapsed(now, activeMs, limits.idleMs) ? Verdict::CLOSE : Verdict::KEEP;
}

PatienceCheck::Verdict PatienceCheck::lookAtSocket(std::uint32_t now, std::uint32_t activeMs, ByteTaker& taker) const
{
    const Settings& limits = _front.settings;
    if (elapsed(now, activeMs, limits.heartbeatMs * UNHEARD_BEATS))
        return Verdict::CLOSE;
    if (!taker.overdue(now, limits.bodyMs))
        return Verdict::KEEP;
    taker.tooLate();
    return Verdict::ADVANCE;
}

PatienceCheck::Verdict PatienceCheck::lookAtRequest(std::uint32_t now, std::uint32_t activeMs)
{
    const Settings& limits = _front.settings;
    const bool inHead = _reader.inHead();
    if (!inHead && (_front.pressed() || _front.bodies.full(PRESSED_BYTES)) && elapsed(now, activeMs, PRESSED_MS))
    {
        _fault = {503, "limits.memoryMb is used up, and the body of the request is not arriving"};
        return Verdict::REFUSE;
    }
    if (!elapsed(now, _reader.sinceMs(), inHead ? limits.headMs : limits.bodyMs))
        return Verdict::KEEP;
    _fault = {408, inHead ? "the head of the request took too long" : "the body of the request took too long"};
    return Verdict::REFUSE;
}

} // namespace tenon::net

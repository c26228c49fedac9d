#include "net/connection/ConnectionOutput.h"

#include "net/connection/FrontState.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::uint64_t LEAST_TAKEN = 8192; // by a peer that is not slow, each time it is looked at
constexpr std::size_t MOST_GATHERED = 16384;
constexpr std::size_t USUALLY_GATHERED = 1000; // a short call's events

} // namespace

ConnectionOutput::ConnectionOutput(FrontState& front, const Poco::Net::StreamSocket& socket)
    : _front(front), _channel(socket), _sentMs(front.nowMs.load(std::memory_order_relaxed))
{
}

ConnectionOutput::Next ConnectionOutput::next()
{
    const Turn turn(*this);
    if (!turn.usable())
        return Next::CLOSE;
    if (!_ending)
        return turn.waiting() < (_front.pressed() ? 1 : WATERMARK) ? Next::SERVE : Next::WAIT;
    if (turn.waiting() > 0)
        return Next::WAIT;
    if (!_lingers)
        return Next::CLOSE;
    _lingers = false;
    _channel.shutdownSend();
    return Next::LINGER;
}

void ConnectionOutput::sendWaiting(std::uint8_t bits)
{
    if ((bits & (WRITABLE | RESUME)) == 0 || !_eventful.load(std::memory_order_acquire))
        return;
    Turn turn(*this);
    _ordered = false;
    if ((bits & WRITABLE) != 0)
        _watched = false;
    turn.flush();
}

void ConnectionOutput::sendGatheredIfFree()
{
    if (_mutex.try_lock())
        Turn(*this, std::adopt_lock).sendGathered();
}

std::string ConnectionOutput::peerSubject()
{
    const Turn turn(*this);
    return _channel.peerSubject();
}

bool ConnectionOutput::Turn::transmit(std::span<const std::string_view> parts)
{
    if (!usable())
        return false;
    if (_gathers || gathered())
    {
        if (put(parts))
            return true;
        if (!sendGathered())
            return false;
    }
    std::size_t sent = 0;
    if (!_output._queue) // nothing waits
    {
        std::size_t total = 0;
        for (const std::string_view& part : parts)
            total += part.size();
        const SocketChannel::Io io = _output._channel.write(parts, sent);
        if (io == SocketChannel::Io::CLOSED)
        {
            fail();
            return false;
        }
        _output._front.metrics.bytesSent.add(sent);
        _output._sentBytes += sent;
        _output._sentMs = _output._front.nowMs.load(std::memory_order_relaxed);
        if (sent == total)
            return true;
    }
    if (!keep(parts, sent))
        return false;
    awaitRoom();
    return true;
}

/// Puts them with what is gathered; false if nothing is to be, or there is no room.
bool ConnectionOutput::Turn::put(std::span<const std::string_view> parts)
{
    if (!_gathers)
        return false;
    auto& gathered = _output._gathered;
    std::size_t total = gathered ? gathered->size() : 0;
    for (const std::string_view& part : parts)
        total += part.size();
    if (total > MOST_GATHERED)
        return false;
    if (!gathered)
    {
        gathered = std::make_unique<std::string>();
        gathered->reserve(USUALLY_GATHERED);
    }
    for (const std::string_view& part : parts)
        gathered->append(part);
    return true;
}

bool ConnectionOutput::Turn::sendGathered()
{
    const auto gathered = std::exchange(_output._gathered, nullptr);
    if (!gathered)
        return usable();
    const bool gathers = std::exchange(_gathers, false);
    const std::string_view whole = *gathered;
    const bool sent = transmit(std::span(&whole, 1));
    _gathers = gathers;
    return sent;
}

bool ConnectionOutput::Turn::keep(std::span<const std::string_view> parts, std::size_t skip)
{
    try
    {
        if (!_output._queue)
            _output._queue = std::make_unique<OutQueue>(_output._front.unread, _output._ref,
                                                        _output._front.table.flow(_output._ref));
        _output._queue->append(parts, skip);
    }
    catch (const std::bad_alloc&)
    {
        fail();
        return false;
    }
    note();
    _output._front.makeRoom();
    return true;
}

bool ConnectionOutput::Turn::share(std::string_view before, const std::shared_ptr<const std::string>& text,
                                   std::string_view after)
{
    const std::array<std::string_view, 3> parts = {before, *text, after};
    if (!usable())
        return false;
    if (put(parts))
        return true;
    if (!sendGathered() || !keep(std::span(&before, 1), 0))
        return false;
    try
    {
        _output._queue->append(text);
        _output._queue->append(std::span(&after, 1));
        if (!_output._ordered)
            _output._front.scheduler->flushLater(_output._ref);
        _output._ordered = true;
    }
    catch (const std::bad_alloc&)
    {
        fail();
        return false;
    }
    return true;
}

void ConnectionOutput::Turn::flush()
{
    if (!_output._queue || !usable())
        return;
    if (_output._queue->mustGo())
    {
        _output._slow = true;
        _output._front.stalled.add();
        return fail();
    }
    const std::size_t before = waiting();
    const SocketChannel::Io io = _output._queue->flush(_output._channel);
    if (waiting() != before)
    {
        _output._front.metrics.bytesSent.add(before - waiting());
        _output._sentBytes += before - waiting();
        _output._sentMs = _output._front.nowMs.load(std::memory_order_relaxed);
    }
    if (io == SocketChannel::Io::CLOSED)
        return fail();
    if (waiting() == 0)
        _output._queue.reset();
    else
        awaitRoom();
    note();
}

void ConnectionOutput::Turn::awaitRoom()
{
    if (_output._watched)
        return;
    _output._watched = true;
    _output._front.poller.watchWriting(_output._channel.socket(), _output._ref);
}

void ConnectionOutput::Turn::fail()
{
    _output._broken.store(true, std::memory_order_relaxed);
    _output._queue.reset();
    _output._gathered.reset();
    _output._channel.shutdown();
    note();
}

void ConnectionOutput::Turn::close()
{
    _output._open = false;
    _output._broken.store(true, std::memory_order_relaxed);
    _output._queue.reset();
    _output._gathered.reset();
    _output._channel.close();
    note();
}

void ConnectionOutput::Turn::endWhenSent(bool lingers)
{
    _output._ending = true;
    _output._lingers = lingers;
    note();
}

void ConnectionOutput::Turn::note()
{
    _output._eventful.store(waiting() > 0 || !usable() || _output._ending, std::memory_order_release);
}

std::size_t ConnectionOutput::Turn::waiting() const
{
    return _output._queue ? _output._queue->bytes() : 0;
}

bool ConnectionOutput::Turn::slow(std::uint32_t nowMs, std::uint32_t everyMs)
{
    auto& mark = _output._mark;
    if (waiting() == 0)
    {
        mark.atMs = 0;
        return false;
    }
    if (mark.atMs != 0 && nowMs - mark.atMs < everyMs)
        return false;
    const std::uint64_t taken = _output._sentBytes - _output._channel.unacknowledged();
    const bool slow = mark.atMs != 0 && taken - mark.takenBytes < LEAST_TAKEN;
    mark = {std::max(1U, nowMs), taken};
    return slow;
}

bool ConnectionOutput::Turn::stalled(std::uint32_t nowMs, std::uint32_t limitMs)
{
    if (waiting() == 0)
        return false;
    const std::size_t left = _output._channel.unacknowledged();
    if (left < _output._unacknowledged)
        _output._sentMs = nowMs;
    _output._unacknowledged = left;
    return limitMs != 0 && nowMs - _output._sentMs >= limitMs;
}

} // namespace tenon::net

#include "net/front/Connection.h"

#include "net/front/Exchange.h"
#include "net/http/SseFrame.h"

#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::uint32_t LINGER_MS = 2000;

bool elapsed(std::uint32_t now, std::uint32_t since, std::uint32_t limit)
{
    return limit != 0 && now - since >= limit;
}

} // namespace

Connection::Connection(FrontState& front, const Poco::Net::StreamSocket& socket, std::string peer)
    : _front(front), _peer(std::move(peer)), _bornMs(front.nowMs.load(std::memory_order_relaxed)), _activeMs(_bornMs),
      _channel(socket), _sentMs(_bornMs)
{
    front.metrics.connections.add();
    front.metrics.connectionsTotal.add();
}

Connection::~Connection()
{
    _front.metrics.connections.add(-1);
}

Connection::Outcome Connection::serve(std::uint8_t bits, Scratch& scratch)
{
    sendWaiting(bits);
    if ((bits & HANGUP) != 0)
        _hangup.store(true, std::memory_order_relaxed);
    if ((bits & (READABLE | HANGUP)) != 0)
        _unread = true;
    if ((bits & PARKED) != 0 && _input)
        _input->waiting = false;
    return advance(scratch);
}

void Connection::close()
{
    std::shared_ptr<Exchange> exchange;
    {
        const std::lock_guard lock(_mutex);
        if (!_open)
            return;
        _open = false;
        _channel.close();
        _out.reset();
        exchange = std::move(_exchange);
    }
    if (exchange)
        exchange->lost();
}

void Connection::hangup()
{
    _hangup.store(true, std::memory_order_relaxed);
    std::shared_ptr<Exchange> exchange;
    {
        const std::lock_guard lock(_mutex);
        exchange = _exchange;
    }
    if (exchange)
        exchange->lost();
}

void Connection::sendWaiting(std::uint8_t bits)
{
    if ((bits & (WRITABLE | RESUME)) == 0)
        return;
    const std::lock_guard lock(_mutex);
    _flushing = false;
    if ((bits & WRITABLE) != 0)
        _watched = false;
    flush();
}

Connection::Outcome Connection::sweep(Scratch& scratch)
{
    const std::uint32_t now = _front.nowMs.load(std::memory_order_relaxed);
    const NetSettings& limits = _front.settings;
    const std::uint32_t active = _activeMs.load(std::memory_order_relaxed);
    if (_lingerMs != 0)
        return elapsed(now, _lingerMs, LINGER_MS) ? Outcome::CLOSE : Outcome::KEEP;
    if (_input && _input->waiting)
        return Outcome::KEEP;
    {
        const std::lock_guard lock(_mutex);
        if (_failed)
            return Outcome::CLOSE;
        if (_out && !_out->empty())
            return elapsed(now, _sentMs, limits.sendMs) ? Outcome::CLOSE : Outcome::KEEP;
        if (_streaming)
        {
            if (elapsed(now, _sentMs, limits.heartbeatMs))
                _exchange->heartbeat();
            return elapsed(now, _sentMs, limits.idleMs) ? Outcome::CLOSE : Outcome::KEEP;
        }
    }
    if (_busy.load())
        return Outcome::KEEP;
    if (_input && _input->size > 0)
    {
        const bool inHead = _input->phase == Phase::HEAD;
        if (!elapsed(now, _input->sinceMs, inHead ? limits.headMs : limits.bodyMs))
            return Outcome::KEEP;
        refuse(408, inHead ? "the head of the request took too long" : "the body of the request took too long");
        return advance(scratch);
    }
    // A connection that never sent anything has the time for a head, later ones the keep-alive time.
    const std::uint32_t patience = _served == 0 ? limits.headMs : limits.keepAliveMs;
    return elapsed(now, active, patience) || elapsed(now, active, limits.idleMs) ? Outcome::CLOSE : Outcome::KEEP;
}

Connection::Outcome Connection::retire()
{
    if (_busy.load() || (_input && _input->size > 0))
        return Outcome::KEEP;
    const std::lock_guard lock(_mutex);
    return _out && !_out->empty() ? Outcome::KEEP : Outcome::CLOSE;
}

bool Connection::transmit(std::span<const std::string_view> parts)
{
    if (!_open || _failed)
        return false;
    std::size_t sent = 0;
    if (!_out || _out->empty())
    {
        std::size_t total = 0;
        for (const std::string_view& part : parts)
            total += part.size();
        const Channel::Io io = _channel.write(parts, sent);
        if (io == Channel::Io::CLOSED)
        {
            fail();
            return false;
        }
        _front.metrics.bytesSent.add(sent);
        _sentMs = _front.nowMs.load(std::memory_order_relaxed);
        if (sent == total)
            return true;
    }
    if (!_out)
        _out = std::make_unique<OutQueue>();
    _out->append(parts, sent);
    awaitRoom();
    return true;
}

bool Connection::share(std::string_view before, const std::shared_ptr<const std::string>& text, std::string_view after)
{
    if (!_open || _failed)
        return false;
    if (!_out)
        _out = std::make_unique<OutQueue>();
    _out->append(std::span(&before, 1));
    _out->append(text);
    _out->append(std::span(&after, 1));
    if (!_flushing)
    {
        _flushing = true;
        _front.scheduler->flushLater(_ref);
    }
    return true;
}

void Connection::flush()
{
    if (!_out || !_open || _failed)
        return;
    const std::size_t before = _out->bytes();
    const Channel::Io io = _out->flush(_channel);
    if (_out->bytes() != before)
    {
        _front.metrics.bytesSent.add(before - _out->bytes());
        _sentMs = _front.nowMs.load(std::memory_order_relaxed);
    }
    if (io == Channel::Io::CLOSED)
        fail();
    else if (_out->empty())
        _out.reset();
    else
        awaitRoom();
}

void Connection::awaitRoom()
{
    if (_watched)
        return;
    _watched = true;
    _front.poller.watchWriting(_channel.socket(), _ref);
}

void Connection::fail()
{
    // The socket stays open so that its number is not reused under a thread that still polls it; the end is told by the
    // poll set, and the owner closes.
    _failed = true;
    _out.reset();
    _channel.shutdown();
}

} // namespace tenon::net

#include "net/connection/Connection.h"

#include "guard/Authentication.h"
#include "net/connection/Exchange.h"
#include "net/connection/ServingThread.h"
#include "net/http/ResponseHead.h"

#include <algorithm>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::uint32_t TURN_REQUESTS = 4;   // of one connection, before it is others' turn
constexpr std::uint32_t TURN_BYTES = 262144; // the same
constexpr std::size_t LARGE_BYTES = 65536;   // of a body that takes so long that others should not wait
constexpr std::uint32_t TURN_READS = 4;      // the same of one that has left HTTP
constexpr std::uint32_t UNHEARD_BEATS = 3;   // after which a WebSocket that answers no ping is taken for gone
constexpr std::uint32_t LINGER_MS = 2000;
constexpr std::uint32_t RETIRE_MS = 1000;            // a peer may have sent what is not here yet
constexpr std::uint32_t PRESSED_MS = 2000;           // for a peer that gets no further while memory is short:
constexpr std::uint64_t PRESSED_BYTES = 1024 * 1024; // so little is left for bodies
constexpr std::string_view SLOW = "slow reader";
constexpr std::size_t MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
constexpr std::string_view CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view RETRY_SOON = "Retry-After: 1\r\n";

bool elapsed(std::uint32_t now, std::uint32_t since, std::uint32_t limit)
{
    return limit != 0 && now - since >= limit;
}

/// Whether nobody else holds it. What others did with it while they held it has then come before.
bool isHeldAlone(const std::shared_ptr<Exchange>& exchange)
{
    if (exchange.use_count() != 1)
        return false;
#ifdef __SANITIZE_THREAD__
    const auto counted = exchange; // ThreadSanitizer follows no fences; counting up orders as much
#else
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
    return true;
}

} // namespace

Connection::Connection(FrontState& front, const Poco::Net::StreamSocket& socket, std::string peer)
    : _front(front), _peer(std::move(peer)), _bornMs(front.nowMs.load(std::memory_order_relaxed)),
      _reader(front, _peer), _activeMs(_bornMs), _output(front, socket)
{
    front.metrics.connections.add();
    front.metrics.connectionsTotal.add();
}

Connection::~Connection()
{
    _front.metrics.connections.add(-1);
}

void Connection::setRef(ConnectionRef ref)
{
    _ref = ref;
    _output.setRef(ref);
    _front.table.setHolder(ref, guard::rateKey(_peer));
}

Connection::Outcome Connection::serve(std::uint8_t bits, Scratch& scratch)
{
    _output.sendWaiting(bits);
    if ((bits & HANGUP) != 0)
        _hangup.store(true, std::memory_order_relaxed);
    if ((bits & (READABLE | HANGUP)) != 0)
        _unread = true;
    if ((bits & PARKED) != 0)
    {
        _parked = false;
        if (_hangup.load(std::memory_order_relaxed))
            return Outcome::CLOSE; // whoever asked has gone
    }
    return advance(scratch);
}

void Connection::close(std::string_view why)
{
    std::shared_ptr<Exchange> exchange;
    {
        ConnectionOutput::Turn turn(_output);
        if (!turn.isOpen())
            return;
        if (turn.wasSlow())
            why = SLOW;
        turn.close();
        exchange = std::move(_exchange);
    }
    if (exchange)
        exchange->lost(why);
    _taker.reset(); // which holds the exchange, and with it this
}

void Connection::leaveHttp(const ConnectionOutput::Turn&, std::shared_ptr<ByteTaker> taker)
{
    _taker = std::move(taker);
    _bodyLeft = true; // the peer goes on sending until it has read of the end
}

void Connection::hangup()
{
    _hangup.store(true, std::memory_order_relaxed);
    std::shared_ptr<Exchange> exchange;
    bool slow = false;
    {
        const ConnectionOutput::Turn turn(_output);
        slow = turn.wasSlow();
        if (_busy.load(std::memory_order_acquire))
            exchange = _exchange;
    }
    if (exchange)
        exchange->lost(slow ? SLOW : "client");
}

/// The answer may be given long before the function that was asked returns, if it does: by the clock, by another thread of
/// the plugin, or by itself. The connection need not wait for that.
bool Connection::takeOver() noexcept
{
    if (_inside.load(std::memory_order_relaxed) == nullptr || _busy.load(std::memory_order_relaxed))
        return false;
    ConnectionOutput::Turn turn(_output);
    ServingThread* inside = _inside.load(std::memory_order_acquire);
    if (inside == nullptr || !_inside.compare_exchange_strong(inside, nullptr))
        return false;
    // From here on the other thread waits for the turn, if it comes out; it may be in with the next request.
    bool kept = !_busy.load(std::memory_order_acquire);
    try
    {
        if (kept)
            inside->request = _reader.goOnBehind();
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
        kept = _reader.keep();
    }
    catch (const std::bad_alloc&)
    {
        kept = false;
    }
    if (!kept) // what came behind the request is lost, and the peer sees that
    {
        _reader.drop();
        turn.endWhenSent(false);
    }
    return true;
}

bool Connection::comesOut(ServingThread& mark)
{
    ServingThread* own = &mark;
    if (_inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel))
        return true;
    const ConnectionOutput::Turn turn(_output);
    own = &mark; // whoever took it may have given it back
    return _inside.compare_exchange_strong(own, nullptr, std::memory_order_acq_rel);
}

/// Whether the calling thread serves it, and goes on with it.
bool Connection::servedHere() const noexcept
{
    const ServingThread* mark = ServingThread::of(this);
    if (mark == nullptr)
        return false;
    const ServingThread* inside = _inside.load(std::memory_order_relaxed);
    return inside == mark || !mark->enters();
}

Connection::Outcome Connection::sweep(Scratch& scratch)
{
    const std::uint32_t now = _front.nowMs.load(std::memory_order_relaxed);
    const Settings& limits = _front.settings;
    if (_lingerMs != 0)
        return elapsed(now, _lingerMs, LINGER_MS) ? Outcome::CLOSE : Outcome::KEEP;
    if (_parked)
        return Outcome::KEEP;
    std::shared_ptr<Exchange> exchange;
    std::shared_ptr<Exchange> orphan;
    bool stalled = false, expired = false, healthy = false;
    {
        ConnectionOutput::Turn turn(_output);
        if (!turn.usable())
            return Outcome::CLOSE;
        stalled = turn.waiting() > 0;
        // Whoever was to answer has let go of it, as may happen where memory is short.
        if (_exchange && _exchange.use_count() == 1 && !_exchange->isPacking())
            orphan = _exchange;
        else if (stalled && !turn.stalled(now, limits.sendMs) && !(_front.pressed() && turn.slow(now, PRESSED_MS)))
            return Outcome::KEEP;
        if (!orphan && _exchange && _exchange->isStream())
        {
            exchange = _exchange;
            expired = exchange->expired();
            if (!stalled && !expired)
                exchange->heartbeat(turn, now, limits.heartbeatMs, _activeMs);
            healthy = !stalled && !expired && !elapsed(now, turn.sentMs(), limits.idleMs);
        }
    }
    if (orphan)
    {
        orphan->forgotten();
        return advance(scratch);
    }
    if (healthy)
        return _taker ? sweepSocket(now, scratch) : Outcome::KEEP;
    if (_taker && exchange && expired && !stalled)
    {
        _taker->expire();
        return advance(scratch);
    }
    if (exchange)
        exchange->lost(stalled ? SLOW : expired ? "expired" : "idle");
    if (stalled)
        _front.stalled.add();
    if (exchange || stalled)
        return Outcome::CLOSE;
    if (_busy.load())
        return Outcome::KEEP;
    if (_reader.begun())
    {
        const bool inHead = _reader.inHead();
        if (!inHead && (_front.pressed() || _front.bodies.full(PRESSED_BYTES)) && elapsed(now, _activeMs, PRESSED_MS))
        {
            refuse(503, "limits.memoryMb is used up, and the body of the request is not arriving");
            return advance(scratch);
        }
        if (!elapsed(now, _reader.sinceMs(), inHead ? limits.headMs : limits.bodyMs))
            return Outcome::KEEP;
        refuse(408, inHead ? "the head of the request took too long" : "the body of the request took too long");
        return advance(scratch);
    }
    // A connection that never sent anything has the time for a head, later ones the keep-alive time.
    const auto patience = static_cast<std::uint32_t>(
        (_served == 0 ? _front.params->getTimeout() : _front.params->getKeepAliveTimeout()).totalMilliseconds());
    return elapsed(now, _activeMs, patience) || elapsed(now, _activeMs, limits.idleMs) ? Outcome::CLOSE : Outcome::KEEP;
}

/// What the sweep looks at beside, if it carries a WebSocket.
Connection::Outcome Connection::sweepSocket(std::uint32_t now, Scratch& scratch)
{
    const Settings& limits = _front.settings;
    if (elapsed(now, _activeMs, limits.heartbeatMs * UNHEARD_BEATS))
        return Outcome::CLOSE;
    if (!_taker->overdue(now, limits.bodyMs))
        return Outcome::KEEP;
    _taker->tooLate();
    return advance(scratch);
}

Connection::Outcome Connection::retire()
{
    if (_taker)
    {
        _taker->retire();
        return Outcome::KEEP;
    }
    if (_busy.load() || _reader.begun())
        return Outcome::KEEP;
    if (!elapsed(_front.nowMs.load(std::memory_order_relaxed), _activeMs, RETIRE_MS))
        return Outcome::KEEP;
    const ConnectionOutput::Turn turn(_output);
    return turn.waiting() > 0 ? Outcome::KEEP : Outcome::CLOSE;
}

bool Connection::isStream()
{
    const ConnectionOutput::Turn turn(_output);
    return _busy.load(std::memory_order_acquire) && _exchange && _exchange->isStream();
}

bool Connection::mayServe()
{
    if (!_busy.load())
        return true;
    if (_hangup.load(std::memory_order_relaxed) || (!_unread && !_reader.begun()))
        return false;
    // Who completes the exchange looks at the wish after ending `_busy`, and this thread at `_busy` after the wish: one
    // of the two sees the other.
    _resumeWanted.store(true);
    if (_busy.load())
        return false;
    _resumeWanted.store(false);
    return true;
}

Connection::Outcome Connection::advance(Scratch& scratch)
{
    const std::uint32_t first = _served;
    _turnBytes = 0;
    for (;;)
    {
        if (_lingerMs != 0)
            return discard(scratch);
        if (_taker)
            return pass(scratch);
        if (!mayServe())
        {
            if (_hangup.load(std::memory_order_relaxed))
                return Outcome::CLOSE; // who waits for this answer has gone
            return _reader.keep() ? Outcome::KEEP : Outcome::CLOSE;
        }
        switch (_output.next())
        {
        case ConnectionOutput::Next::CLOSE:
            return Outcome::CLOSE;
        case ConnectionOutput::Next::WAIT:
            return _reader.keep() ? Outcome::KEEP : Outcome::CLOSE;
        case ConnectionOutput::Next::LINGER:
            linger();
            continue;
        case ConnectionOutput::Next::SERVE:
            break;
        }
        const Step done = step(scratch);
        if (done == Step::PARK)
            return Outcome::PARK;
        if (done == Step::LARGE)
            return Outcome::LARGE;
        if (done == Step::LEFT)
            return Outcome::LEFT;
        if ((_served - first >= TURN_REQUESTS || _turnBytes >= TURN_BYTES) && (_reader.begun() || _unread))
            return _reader.keep() ? Outcome::YIELD : Outcome::CLOSE;
        if (done == Step::NEED)
        {
            if (!_reader.keep())
                refuse(_reader.fault().status, _reader.fault().reason);
            else if (!_unread)
                return Outcome::KEEP;
            else
                receive(scratch);
        }
    }
}

void Connection::linger()
{
    _lingerMs = std::max(1U, _front.nowMs.load(std::memory_order_relaxed));
    _reader.drop();
}

/// The same for a connection that has left HTTP.
Connection::Outcome Connection::pass(Scratch& scratch)
{
    if (_reader.begun())
        return Outcome::CLOSE; // it went on before it had the answer
    std::span<char> bytes;
    for (std::uint32_t reads = 0;;)
    {
        switch (_output.next())
        {
        case ConnectionOutput::Next::CLOSE:
            return Outcome::CLOSE;
        case ConnectionOutput::Next::WAIT:
            return Outcome::KEEP;
        case ConnectionOutput::Next::LINGER:
            linger();
            return discard(scratch);
        case ConnectionOutput::Next::SERVE:
            break;
        }
        bool wantsMore = false;
        {
            const ServingThread serving(this);
            wantsMore = _taker->take(std::exchange(bytes, {}));
        }
        if (!wantsMore)
            continue;
        if (!_unread)
            return Outcome::KEEP;
        if (++reads > TURN_READS)
            return Outcome::YIELD;
        std::size_t got = 0;
        const SocketChannel::Io io = read({scratch.buffer.get(), Scratch::BYTES}, got);
        if (io == SocketChannel::Io::CLOSED)
            return Outcome::CLOSE;
        if (io == SocketChannel::Io::WOULD_BLOCK)
            return Outcome::KEEP;
        bytes = {scratch.buffer.get(), got};
    }
}

Connection::Step Connection::step(Scratch& scratch)
{
    switch (_reader.next(scratch))
    {
    case RequestReader::Found::NOTHING:
        return Step::NEED;
    case RequestReader::Found::FAULT:
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    case RequestReader::Found::HEAD:
        return checkHead(scratch);
    case RequestReader::Found::REQUEST:
        break;
    }
    // Taken out of `_kept`: the next request has a verdict of its own.
    const std::unique_ptr<HeadCheck::Kept> kept = std::move(_kept);
    return serveRequest(kept->verdict, scratch);
}

Connection::Step Connection::receive(Scratch& scratch)
{
    const std::span<char> room = _reader.room(scratch);
    if (room.empty())
    {
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    }
    std::size_t got = 0;
    const SocketChannel::Io io = read(room, got);
    if (io == SocketChannel::Io::CLOSED)
        return endOfInput(scratch);
    if (io == SocketChannel::Io::WOULD_BLOCK)
        return Step::NEED;
    _reader.received(got);
    return Step::NEXT;
}

SocketChannel::Io Connection::read(std::span<char> room, std::size_t& got)
{
    const SocketChannel::Io io = _output.receive(room.data(), room.size(), got);
    if (io == SocketChannel::Io::WOULD_BLOCK)
        _unread = false;
    if (io != SocketChannel::Io::DONE)
        return io;
    _front.metrics.bytesReceived.add(got);
    _activeMs = _front.nowMs.load(std::memory_order_relaxed);
    _turnBytes += static_cast<std::uint32_t>(got);
    // A short read of a plain socket says that there is no more; a peer that has closed is told apart, so that its end
    // is read in any case.
    if (got < room.size() && !_output.secure() && !_hangup.load(std::memory_order_relaxed))
        _unread = false;
    return io;
}

Connection::Step Connection::endOfInput(Scratch&)
{
    _unread = false;
    if (_reader.begun())
        refuse(400, "the message ended early");
    else
        ConnectionOutput::Turn(_output).endWhenSent(false);
    return Step::NEXT;
}

Connection::Step Connection::checkHead(Scratch& scratch)
{
    const std::string subject = _output.secure() ? _output.peerSubject() : std::string();
    const RequestHead& head = scratch.head;
    HeadCheck check(_front, _peer, _output.secure(), subject, _held);
    HeadCheck::Verdict verdict;
    guard::Reply reply;
    if (!check.admit(head, verdict, reply))
    {
        if (!reply.reason.empty()) // a preflight that was answered is no refusal
            _front.metrics.refused(reply.reason);
        const bool goesOn = _reader.skipBody(scratch) && !check.endsConnection();
        auto exchange = begin(verdict.admission, goesOn, scratch);
        {
            const ServingThread serving(this);
            exchange->respond(reply);
        }
        giveBack(std::move(exchange), scratch);
        _reader.done();
        return Step::NEXT;
    }
    _front.table.setHolder(_ref, verdict.admission.holder);
    if (verdict.bodyBytes == 0) // whatever is announced, nobody reads it
    {
        verdict.goesOn = _reader.skipBody(scratch);
        return serveRequest(verdict, scratch);
    }
    if (!_reader.expectBody(scratch, verdict.bodyBytes, verdict.admission.holder, verdict.admission.limits))
    {
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    }
    if (_reader.whole())
        return serveRequest(verdict, scratch);
    _kept = std::make_unique<HeadCheck::Kept>(std::move(verdict));
    if (head.expectsContinue && _reader.onlyHead())
        ConnectionOutput::Turn(_output).transmit(std::span(&CONTINUE, 1));
    return Step::NEXT;
}

Connection::Step Connection::serveRequest(HeadCheck::Verdict& verdict, Scratch& scratch)
{
    if (_reader.body().size() >= LARGE_BYTES && !scratch.inLane)
        return setAside(verdict);
    const Route& route = *verdict.route;
    const Request request{scratch.head,      route, _reader.body(),   verdict.rest,
                          verdict.admission, _peer, _output.secure(), scratch.mayBlock};
    auto exchange = begin(verdict.admission, verdict.goesOn, scratch);
    std::optional<mcp::Handled> handled = mcp::Handled::WOULD_BLOCK;
    if (scratch.mayBlock || route.always)
        handled =
            enter(route.direct && scratch.head.method == "POST" ? *route.direct : *_front.handlers, request, exchange);
    if (!handled)
    {
        scratch.left = std::move(exchange); // which keeps this until this thread is out of it
        return Step::LEFT;
    }
    if (handled == mcp::Handled::WOULD_BLOCK)
    {
        if (_front.scheduler->reservePark())
            return park(verdict);
        _front.metrics.overloads.add();
        const ServingThread serving(this);
        exchange->refuse(503, "all threads are busy", RETRY_SOON);
    }
    giveBack(std::move(exchange), scratch);
    _reader.done();
    return Step::NEXT;
}

std::optional<mcp::Handled> Connection::enter(Endpoint& endpoint, const Request& request, ExchangePtr& exchange)
{
    ServingThread mark(this, ServingThread::Enters::ENDPOINT);
    _inside.store(&mark, std::memory_order_release);
    mcp::Handled handled = mcp::Handled::DONE;
    try
    {
        handled = endpoint.serve(request, exchange);
    }
    catch (...)
    {
        if (comesOut(mark))
            throw;
        return std::nullopt;
    }
    return comesOut(mark) ? std::optional(handled) : std::nullopt;
}

Connection::Step Connection::park(HeadCheck::Verdict& verdict)
{
    _kept = std::make_unique<HeadCheck::Kept>(std::move(verdict));
    _parked = true;
    --_served;
    std::shared_ptr<Exchange> unused;
    {
        ConnectionOutput::Turn turn(_output);
        unused = completed(turn, true);
    }
    if (_reader.keep())
        return Step::PARK;
    _front.scheduler->cancelPark();
    _parked = false;
    refuse(_reader.fault().status, _reader.fault().reason);
    return Step::NEXT;
}

Connection::Step Connection::setAside(HeadCheck::Verdict& verdict)
{
    if (!_reader.keep())
    {
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    }
    _kept = std::make_unique<HeadCheck::Kept>(std::move(verdict));
    _parked = true;
    return Step::LARGE;
}

Connection::Outcome Connection::refuseParked(Scratch& scratch)
{
    _front.metrics.overloads.add();
    _parked = false;
    if (_hangup.load(std::memory_order_relaxed))
        return Outcome::CLOSE;
    refuse(503, "all threads are busy");
    return advance(scratch);
}

bool Connection::staysOpen(bool wanted) const
{
    const Poco::Net::HTTPServerParams& params = *_front.params;
    const int most = params.getMaxKeepAliveRequests();
    if (!wanted || !params.getKeepAlive() || (most != 0 && _served >= static_cast<std::uint32_t>(most)) ||
        _front.draining.load(std::memory_order_relaxed) || _front.leaving.load(std::memory_order_relaxed))
        return false;
    const std::uint32_t oldest = _front.settings.maxConnectionAgeMs;
    return oldest == 0 || _front.nowMs.load(std::memory_order_relaxed) - _bornMs < oldest;
}

std::shared_ptr<Exchange> Connection::begin(const guard::Admission& admission, bool goesOn, Scratch& scratch)
{
    const RequestHead& head = scratch.head;
    ++_served;
    ResponseForm form;
    form.minorVersion = head.minorVersion;
    form.headOnly = head.method == "HEAD";
    form.keepAlive = staysOpen(head.keepAlive && goesOn);
    auto exchange = scratch.spare ? std::move(scratch.spare) : std::make_shared<Exchange>();
    exchange->begin(shared_from_this(), form,
                    admission.principal && !admission.headers.empty() ? headerLines(admission.headers) : std::string());
    exchange->record().begin(_front.access, head, admission, _peer);
    _front.metrics.requests.add();
    // Without a turn: who else looks at these has one, and finds the connection busy first.
    _exchange = exchange;
    _bodyLeft = !goesOn;
    _busy.store(true, std::memory_order_release);
    return exchange;
}

void Connection::giveBack(std::shared_ptr<Exchange>&& exchange, Scratch& scratch)
{
    if (_busy.load(std::memory_order_acquire) || !isHeldAlone(exchange))
        return;
    exchange->recycle();
    scratch.spare = std::move(exchange);
}

std::shared_ptr<Exchange> Connection::completed(ConnectionOutput::Turn& turn, bool keepAlive)
{
    if (!keepAlive)
        turn.endWhenSent(_bodyLeft);
    std::shared_ptr<Exchange> exchange = std::move(_exchange);
    _exchange.reset();
    if (servedHere()) // which asks after this; else another one may be asking now
        _busy.store(false, std::memory_order_release);
    else
        _busy.store(false);
    return exchange;
}

void Connection::goOn(bool keepAlive)
{
    // The thread that serves the connection goes on by itself.
    if (servedHere())
        return;
    if (_resumeWanted.exchange(false) || !keepAlive)
        _front.scheduler->kick(_ref, RESUME);
}

void Connection::refuse(int status, std::string_view message)
{
    const guard::Reply reply = faultOf(status, message);
    _front.metrics.refused(reply.reason);
    std::string head;
    ResponseHead(head, status).lines(headerLines(reply.headers)).contentLength(reply.body.size()).end(false, 1);
    const std::string_view parts[] = {head, reply.body};
    ConnectionOutput::Turn turn(_output);
    turn.transmit(parts);
    turn.endWhenSent(true);
    _reader.drop();
    _kept.reset();
}

Connection::Outcome Connection::discard(Scratch& scratch)
{
    for (;;)
    {
        std::size_t got = 0;
        const SocketChannel::Io io = _output.receive(scratch.buffer.get(), Scratch::BYTES, got);
        if (io == SocketChannel::Io::WOULD_BLOCK)
            return Outcome::KEEP;
        _discarded += got;
        if (io == SocketChannel::Io::CLOSED || _discarded > MAX_DISCARDED_BYTES)
            return Outcome::CLOSE;
    }
}

} // namespace tenon::net

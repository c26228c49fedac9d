#include "net/connection/Connection.h"

#include "guard/Authentication.h"
#include "net/connection/Exchange.h"
#include "net/connection/PatienceCheck.h"
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
constexpr std::uint32_t RETIRE_MS = 1000;    // a peer may have sent what is not here yet
constexpr std::string_view CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

Connection::Connection(FrontState& front, const Poco::Net::StreamSocket& socket, std::string peer)
    : _front(front), _peer(std::move(peer)), _bornMs(front.nowMs.load(std::memory_order_relaxed)),
      _output(front, socket), _input(front, _output, _bornMs), _reader(front, _peer), _slot(this)
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
    _holder = guard::rateKey(_peer);
    _front.table.setHolder(ref, _holder);
}

Connection::Outcome Connection::serve(std::uint8_t bits, Scratch& scratch)
{
    if ((bits & (WRITABLE | RESUME)) != 0)
        _output.sendWaiting(bits);
    if ((bits & HANGUP) != 0)
        _input.hangUp();
    if ((bits & (READABLE | HANGUP)) != 0)
        _input.arrived();
    if ((bits & PARKED) != 0)
    {
        _parked = false;
        if (_input.hungUp())
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
            why = Response::SLOW_READER;
        turn.close();
        exchange = _slot.take();
    }
    if (exchange)
        exchange->lost(why);
    _taker.reset(); // which holds the exchange, and with it this
}

void Connection::leaveHttp(const ConnectionOutput::Turn&, std::shared_ptr<ByteTaker> taker)
{
    _taker = std::move(taker);
    _slot.leaveBody();
}

void Connection::hangup()
{
    _input.hangUp();
    std::shared_ptr<Exchange> exchange;
    bool slow = false;
    {
        const ConnectionOutput::Turn turn(_output);
        slow = turn.wasSlow();
        if (_slot.busy())
            exchange = _slot.current();
    }
    if (exchange)
        exchange->lost(slow ? Response::SLOW_READER : "client");
}

Connection::Outcome Connection::sweep(Scratch& scratch)
{
    if (_input.lingers())
        return _input.lingered() ? Outcome::CLOSE : Outcome::KEEP;
    if (_parked)
        return Outcome::KEEP;
    PatienceCheck patience(_front, _output, _slot, _reader);
    switch (patience.look(_input.activeMs(), _served != 0, _taker.get()))
    {
    case PatienceCheck::Verdict::KEEP:
        return Outcome::KEEP;
    case PatienceCheck::Verdict::CLOSE:
        return Outcome::CLOSE;
    case PatienceCheck::Verdict::REFUSE:
        refuse(patience.fault().status, patience.fault().reason);
        break;
    case PatienceCheck::Verdict::ADVANCE:
        break;
    }
    return advance(scratch);
}

Connection::Outcome Connection::retire()
{
    if (_taker)
    {
        _taker->retire();
        return Outcome::KEEP;
    }
    if (_slot.busy() || _reader.begun())
        return Outcome::KEEP;
    if (!elapsed(_front.nowMs.load(std::memory_order_relaxed), _input.activeMs(), RETIRE_MS))
        return Outcome::KEEP;
    const ConnectionOutput::Turn turn(_output);
    return turn.waiting() > 0 ? Outcome::KEEP : Outcome::CLOSE;
}

bool Connection::isStream()
{
    const ConnectionOutput::Turn turn(_output);
    return _slot.busy() && _slot.current() && _slot.current()->isStream();
}

Connection::Outcome Connection::advance(Scratch& scratch)
{
    const std::uint32_t first = _served;
    _input.beginTurn();
    for (;;)
    {
        if (_input.lingers())
            return _input.discard(scratch) ? Outcome::KEEP : Outcome::CLOSE;
        if (_taker)
            return pass(scratch);
        if (_slot.busy())
        {
            if (_input.hungUp())
                return Outcome::CLOSE; // who waits for this answer has gone
            if (!(_input.unread() || _reader.begun()) || _slot.goesOnLater())
                return _reader.keep() ? Outcome::KEEP : Outcome::CLOSE;
        }
        // Whoever changes what matters here does so before the exchange is over, and this asks after that.
        switch (_output.eventful() ? _output.next() : ConnectionOutput::Next::SERVE)
        {
        case ConnectionOutput::Next::CLOSE:
            return Outcome::CLOSE;
        case ConnectionOutput::Next::WAIT:
            return _reader.keep() ? Outcome::KEEP : Outcome::CLOSE;
        case ConnectionOutput::Next::LINGER:
            _input.linger();
            _reader.drop();
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
        if ((_reader.begun() || _input.unread()) &&
            (_served - first >= TURN_REQUESTS || _input.turnBytes() >= TURN_BYTES || scratch.turnIsOver()))
            return _reader.keep() ? Outcome::YIELD : Outcome::CLOSE;
        // What happens from here on is told again.
        const bool nothingLeft = !_reader.begun() && !_input.hungUp() && !_taker && !_output.eventful();
        if (!_input.unread() && (done == Step::NEED || nothingLeft))
            return Outcome::KEEP;
    }
}

/// The same for a connection that has left HTTP.
Connection::Outcome Connection::pass(Scratch& scratch)
{
    if (_reader.begun())
        return Outcome::CLOSE; // it went on before it had the answer
    switch (_taker->feed(this, _input, _output, scratch))
    {
    case ByteTaker::Fed::ALL:
        return Outcome::KEEP;
    case ByteTaker::Fed::TURN:
        return Outcome::YIELD;
    case ByteTaker::Fed::LINGERS:
        _input.linger();
        return advance(scratch);
    case ByteTaker::Fed::END:
        break;
    }
    return Outcome::CLOSE;
}

Connection::Step Connection::step(Scratch& scratch)
{
    switch (_reader.next(_input, scratch))
    {
    case RequestReader::Found::NOTHING:
        return Step::NEED;
    case RequestReader::Found::END:
        return endOfInput();
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

Connection::Step Connection::endOfInput()
{
    _input.end();
    if (_reader.begun())
        refuse(400, "the message ended early");
    else
        ConnectionOutput::Turn(_output).endWhenSent(false);
    return Step::NEXT;
}

Connection::Step Connection::checkHead(Scratch& scratch)
{
    if (_output.secure() && !_subject) // there has been a message, so the handshake is over
        _subject = std::make_unique<const std::string>(_output.peerSubject());
    const std::string_view subject = _subject ? std::string_view(*_subject) : std::string_view();
    const RequestHead& head = scratch.head;
    HeadCheck check(_front, _peer, _output.secure(), subject, _held);
    HeadCheck::Verdict verdict;
    guard::Reply reply;
    if (!check.admit(scratch, verdict, reply))
    {
        if (!reply.reason.empty()) // a preflight that was answered is no refusal
            _front.metrics.refused(reply.reason);
        const bool goesOn = _reader.skipBody(scratch) && !check.endsConnection();
        const guard::Admission nobody;
        auto exchange = begin(verdict.admission != nullptr ? *verdict.admission : nobody, goesOn, scratch);
        {
            const ServingThread serving(this);
            exchange->respond(reply);
        }
        Exchange::recycle(std::move(exchange), scratch.spare);
        _reader.done();
        return Step::NEXT;
    }
    const guard::Admission& admission = *verdict.admission;
    if (_holder != admission.holder)
    {
        _holder = admission.holder;
        _front.table.setHolder(_ref, _holder);
    }
    if (verdict.bodyBytes == 0) // whatever is announced, nobody reads it
    {
        verdict.goesOn = _reader.skipBody(scratch);
        return serveRequest(verdict, scratch);
    }
    if (!_reader.expectBody(scratch, verdict.bodyBytes, admission.holder, admission.limits))
    {
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    }
    if (_reader.whole())
        return serveRequest(verdict, scratch);
    _kept = std::make_unique<HeadCheck::Kept>(verdict);
    if (head.expectsContinue && _reader.onlyHead())
        ConnectionOutput::Turn(_output).transmit(std::span(&CONTINUE, 1));
    return Step::NEXT;
}

Connection::Step Connection::serveRequest(const HeadCheck::Verdict& verdict, Scratch& scratch)
{
    if (_reader.body().size() >= LARGE_BYTES && !scratch.inLane)
        return setAside(verdict, Step::LARGE);
    const Route& route = *verdict.route;
    const Request request{scratch.head,       route, _reader.body(),   verdict.rest,
                          *verdict.admission, _peer, _output.secure(), scratch.mayBlock,
                          scratch.inLane};
    auto exchange = begin(*verdict.admission, verdict.goesOn, scratch);
    std::optional<mcp::Handled> handled = mcp::Handled::WOULD_BLOCK;
    if (scratch.mayBlock || route.always)
        handled = _slot.serve(route.direct && scratch.head.method == "POST" ? *route.direct : *_front.handlers, request,
                              exchange, _output);
    if (!handled)
    {
        scratch.left = std::move(exchange); // which keeps this until this thread is out of it
        return Step::LEFT;
    }
    const bool large = handled == mcp::Handled::LARGE;
    if (large || (handled == mcp::Handled::WOULD_BLOCK && _front.scheduler->reservePark()))
        return park(verdict, large ? Step::LARGE : Step::PARK);
    if (handled == mcp::Handled::WOULD_BLOCK)
    {
        _front.metrics.overloads.add();
        const ServingThread serving(this);
        exchange->refuse(503, "all threads are busy", RETRY_SOON);
    }
    Exchange::recycle(std::move(exchange), scratch.spare);
    _reader.done();
    return Step::NEXT;
}

Connection::Step Connection::park(const HeadCheck::Verdict& verdict, Step as)
{
    --_served;
    ExchangeSlot::Over unused;
    {
        ConnectionOutput::Turn turn(_output);
        unused = _slot.complete(turn, true);
    }
    const Step step = setAside(verdict, as);
    if (as == Step::PARK && step != as)
        _front.scheduler->cancelPark();
    return step;
}

Connection::Step Connection::setAside(const HeadCheck::Verdict& verdict, Step as)
{
    if (!_reader.keep())
    {
        refuse(_reader.fault().status, _reader.fault().reason);
        return Step::NEXT;
    }
    _kept = std::make_unique<HeadCheck::Kept>(verdict);
    _parked = true;
    return as;
}

Connection::Outcome Connection::refuseParked(Scratch& scratch)
{
    _front.metrics.overloads.add();
    _parked = false;
    if (_input.hungUp())
        return Outcome::CLOSE;
    refuse(503, "all threads are busy");
    return advance(scratch);
}

std::shared_ptr<Exchange> Connection::begin(const guard::Admission& admission, bool goesOn, Scratch& scratch)
{
    const RequestHead& head = scratch.head;
    ++_served;
    ResponseForm form;
    form.minorVersion = head.minorVersion;
    form.headOnly = head.method == "HEAD";
    const std::uint32_t oldest = _front.settings.maxConnectionAgeMs;
    form.keepAlive = goesOn && head.keepAlive && _served < _front.mostRequests &&
                     !_front.draining.load(std::memory_order_relaxed) &&
                     !_front.leaving.load(std::memory_order_relaxed) &&
                     (oldest == 0 || _front.nowMs.load(std::memory_order_relaxed) - _bornMs < oldest);
    auto exchange = scratch.spare ? std::move(scratch.spare) : std::make_shared<Exchange>();
    exchange->begin(shared_from_this(), form,
                    admission.principal && !admission.headers.empty() ? headerLines(admission.headers) : std::string());
    if (AccessListener* const access = _front.access; access != nullptr && access->wantsRequests())
        exchange->observe(std::make_unique<ExchangeRecord>(*access, head, admission, _peer));
    _front.metrics.requests.add();
    _slot.begin(exchange, !goesOn);
    return exchange;
}

void Connection::wake()
{
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

} // namespace tenon::net

// How a connection hands complete messages to their routes.
#include "net/front/Connection.h"

#include "base/JsonWriter.h"
#include "guard/login/Refusal.h"
#include "net/front/Exchange.h"
#include "net/front/ServingThread.h"
#include "net/http/ResponseHead.h"
#include "net/http/StatusTable.h"

#include <algorithm>
#include <utility>

namespace tenon::net
{

namespace
{

/// Marks the thread as serving, so that an exchange that completes on it need not call for one.
class Serving
{
public:
    explicit Serving(const Connection* connection) { servingThread().connection = connection; }
    ~Serving() { servingThread().connection = nullptr; }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
};

std::unique_ptr<AccessEntry> entryOf(const RequestHead& head, const guard::Admission& admission,
                                     const std::string& peer)
{
    auto entry = std::make_unique<AccessEntry>();
    entry->clientAddress = admission.clientAddress.empty() ? peer : std::string(admission.clientAddress);
    if (admission.principal)
        entry->principal = admission.principal->name;
    entry->method = head.method;
    entry->target = head.target;
    entry->protocol = head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1";
    entry->referer = head.header("Referer");
    entry->userAgent = head.header("User-Agent");
    entry->sessionId = head.header("Mcp-Session-Id");
    entry->rpcMethod = head.header("Mcp-Method");
    entry->rpcName = head.header("Mcp-Name");
    entry->traceParent = head.header("traceparent");
    return entry;
}

constexpr std::string_view RETRY_SOON = "Retry-After: 1\r\n";

} // namespace

std::shared_ptr<Exchange> Connection::begin(const RequestHead& head, const guard::Admission& admission, bool bodyHere)
{
    const NetSettings& settings = _front.settings;
    ++_served;
    Exchange::Form form;
    form.minorVersion = head.minorVersion;
    form.headOnly = head.method == "HEAD";
    form.keepAlive = head.keepAlive && bodyHere && settings.keepAliveMs != 0 &&
                     (settings.keepAliveMax == 0 || _served < settings.keepAliveMax) &&
                     !_front.draining.load(std::memory_order_relaxed);
    if (form.keepAlive && settings.maxConnectionAgeMs != 0)
        form.keepAlive = _front.nowMs.load(std::memory_order_relaxed) - _bornMs < settings.maxConnectionAgeMs;
    auto exchange = std::make_shared<Exchange>(
        shared_from_this(), form,
        admission.principal && !admission.headers.empty() ? headerLines(admission.headers) : std::string());
    if (_front.access != nullptr)
        exchange->note(entryOf(head, admission, _peer));
    _front.metrics.requests.add();
    _front.busy.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(_mutex);
    _exchange = exchange;
    _lingers = !bodyHere;
    _busy.store(true, std::memory_order_relaxed);
    return exchange;
}

/// Counts the connection for the principal of its current request, as a proxy's may carry those of many.
bool Connection::holdFor(const guard::Admission& admission)
{
    const std::size_t most = admission.limits.connections;
    if (most != 0 && _held && _held->key() == admission.holder)
        return true;
    _held.reset();
    if (most == 0)
        return true;
    _held = _front.connections.take(admission.holder, most);
    return _held != nullptr;
}

bool Connection::admit(const RequestHead& head, bool bodyHere, guard::Admission& admission, Step& otherwise)
{
    std::string_view rest;
    const Route* route = _front.router.find(head.path, rest);
    guard::RequestFacts facts;
    facts.method = head.method;
    facts.path = head.path;
    facts.query = head.query;
    facts.peerAddress = _peer;
    facts.tls = _channel.secure();
    facts.headers = &head;
    if (route != nullptr)
        facts.area = route->area;
    std::string subject;
    if (facts.tls)
    {
        const std::lock_guard lock(_mutex);
        subject = _channel.peerSubject();
        facts.tlsSubject = subject;
    }

    const Serving serving(this);
    std::string_view reason = "not_admitted";
    const auto answer = [&](const guard::Reply& reply)
    {
        const auto exchange = begin(head, admission, bodyHere);
        const std::string_view body = reply.body;
        // guard gives the Content-Type among the headers
        exchange->respond(reply.status, {}, body.empty() ? std::span<const std::string_view>() : std::span(&body, 1),
                          headerLines(reply.headers));
    };
    if (route == nullptr && head.path != "*")
    {
        reason = "not_found";
        begin(head, admission, bodyHere)->refuse(404, "there is nothing at this path");
    }
    else if (head.method == "OPTIONS")
    {
        const guard::Reply reply = _front.admission.preflight(facts, route != nullptr ? route->allow : "OPTIONS");
        reason = reply.reason;
        answer(reply);
    }
    else if (const std::uint8_t bit = methodBit(head.method); (route->methods & bit) == 0)
    {
        reason = "method_not_allowed";
        begin(head, admission, bodyHere)
            ->refuse(bit == 0 && head.method != "PATCH" && head.method != "TRACE" && head.method != "CONNECT" ? 501
                                                                                                              : 405,
                     "this path has other methods, see Allow", "Allow: " + route->allow + "\r\n");
    }
    else
    {
        admission = _front.admission.admit(facts);
        if (admission.admitted() && holdFor(admission))
            return true;
        if (admission.admitted())
        {
            bodyHere = false; // the connection is the one too many
            reason = "too_many_own_connections";
            answer(guard::retryLater(429, reason,
                                     "You have as many connections as you may; close one, or try again later", 1000));
        }
        else if (admission.refusal)
        {
            reason = admission.refusal->reason;
            answer(*admission.refusal);
        }
        else
            answer(guard::Reply{403, {}, {}});
    }
    if (!reason.empty()) // a preflight that was answered is none
        _front.metrics.refused(reason);
    const std::lock_guard lock(_mutex);
    otherwise = _closing ? Step::END : Step::SERVED;
    return false;
}

Connection::Step Connection::dispatch(const RequestHead& head, std::string_view body, guard::Admission& admission,
                                      Scratch& scratch)
{
    std::string_view rest;
    const Route& route = *_front.router.find(head.path, rest);
    const Request request{head, body, rest, admission, _peer, _channel.secure(), scratch.mayBlock};
    const auto exchange = begin(head, admission, true);
    mcp::Handled handled = mcp::Handled::WOULD_BLOCK;
    if (scratch.mayBlock || route.always)
    {
        const Serving serving(this);
        handled = route.endpoint->serve(request, exchange);
    }
    if (handled == mcp::Handled::WOULD_BLOCK)
    {
        if (!_front.scheduler->reservePark())
        {
            _front.metrics.overloads.add();
            const Serving serving(this);
            exchange->refuse(503, "all threads are busy", RETRY_SOON);
        }
        else
        {
            const std::lock_guard lock(_mutex);
            _exchange.reset();
            _busy.store(false);
            _front.busy.fetch_sub(1, std::memory_order_relaxed);
            --_served;
            Input& in = input();
            if (!in.admitted)
                in.keep(std::move(admission));
            in.waiting = true;
            return Step::PARK;
        }
    }
    if (_busy.load(std::memory_order_relaxed))
        return Step::SERVED; // the answer comes later; `advance` sees that nothing is read before
    const std::lock_guard lock(_mutex);
    return _closing ? Step::END : Step::SERVED;
}

Connection::Step Connection::refuse(int status, std::string_view reason)
{
    _front.metrics.refused(status == 408                    ? "timeout"
                           : status == 413                  ? "body_too_large"
                           : status == 414 || status == 431 ? "head_too_large"
                                                            : "malformed");
    std::string body;
    std::string_view title = statusLine(status);
    title.remove_prefix(4);
    base::JsonWriter(body).beginObject().member("error", title).member("message", reason).endObject();
    std::string head;
    ResponseHead(head, status).field("Content-Type", "application/json").contentLength(body.size()).end(false, 1);
    const std::string_view parts[] = {head, body};
    const std::lock_guard lock(_mutex);
    transmit(parts);
    _closing = true;
    _lingers = true;
    return Step::END;
}

Connection::Outcome Connection::refuseParked()
{
    _front.metrics.overloads.add();
    std::string body;
    base::JsonWriter(body)
        .beginObject()
        .member("error", "Service Unavailable")
        .member("message", "all threads are busy")
        .endObject();
    std::string head;
    ResponseHead(head, 503)
        .field("Content-Type", "application/json")
        .contentLength(body.size())
        .lines(RETRY_SOON)
        .end(false, 1);
    const std::string_view parts[] = {head, body};
    const std::lock_guard lock(_mutex);
    transmit(parts);
    _closing = true;
    _lingers = true;
    if (_input)
        _input->waiting = false;
    return _out && !_out->empty() ? Outcome::KEEP : Outcome::CLOSE;
}

Connection::End Connection::ending()
{
    const std::lock_guard lock(_mutex);
    if (!_open || _failed)
        return End::NOW;
    if (!_closing)
        return End::NO;
    if (_out && !_out->empty())
        return End::LATER;
    if (_lingers)
    {
        // Closing a socket that holds unread bytes resets it, and with it the answer on its way.
        _lingers = false;
        _lingerMs = std::max(1U, _front.nowMs.load(std::memory_order_relaxed));
        _channel.shutdownSend();
    }
    return End::NOW;
}

} // namespace tenon::net

#include "net/connection/HeadCheck.h"

#include "base/json/JsonWriter.h"
#include "guard/web/Refusal.h"
#include "net/connection/FrontState.h"
#include "net/http/StatusTable.h"
#include "net/http/WebSocketHandshake.h"

#include <algorithm>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t STRANGER_BODY_BYTES = 16384; // where nobody is asked who they are

bool takesBody(std::uint8_t method)
{
    return (method & (Route::POST | Route::PUT)) != 0;
}

/// Of those that no route has.
bool isKnownMethod(std::string_view method)
{
    return method == "PATCH" || method == "TRACE" || method == "CONNECT";
}

} // namespace

guard::Reply refusalOf(int status, std::string_view message, std::string_view reason, guard::HeaderPairs headers)
{
    std::string body;
    base::JsonWriter(body).beginObject().member("error", statusTitle(status)).member("message", message).endObject();
    headers.emplace_back("Content-Type", "application/json");
    return {status, std::move(headers), std::move(body), reason};
}

guard::Reply faultOf(int status, std::string_view message)
{
    switch (status)
    {
    case 408:
        return refusalOf(status, message, "timeout");
    case 413:
        return refusalOf(status, message, "body_too_large");
    case 414:
    case 431:
        return refusalOf(status, message, "head_too_large");
    case 503:
        return refusalOf(status, message, "overload", {{"Retry-After", "1"}});
    default:
        return refusalOf(status, message, "malformed");
    }
}

bool HeadCheck::holdFor(const guard::Admission& admission)
{
    // A proxy's connection may carry the requests of many: it counts for the holder of the current one.
    const std::size_t most = admission.limits.connections;
    if (most != 0 && _held && _held->key() == admission.holder)
        return true;
    _held.reset();
    if (most == 0)
        return true;
    _held = _front.connections.take(admission.holder, most);
    return _held != nullptr;
}

bool HeadCheck::admit(Scratch& scratch, Verdict& verdict, guard::Reply& reply)
{
    const RequestHead& head = scratch.head;
    const Router::Way way = _front.router.find(head.path, head.method);
    const Route* const route = way.route;
    verdict.route = route;
    verdict.rest = way.rest;
    guard::RequestFacts facts;
    facts.method = head.method;
    facts.path = head.path;
    facts.query = head.query;
    facts.peerAddress = _peer;
    facts.tls = _secure;
    facts.tlsSubject = _tlsSubject;
    facts.headers = &head;
    if (route != nullptr)
        facts.area = route->area;
    if (_front.settings.webSocket && facts.area == guard::Area::ENDPOINT && asksForWebSocket(head))
        facts.area = guard::Area::SSE; // browsers cannot send a header with either

    if (route == nullptr && head.path != "*")
    {
        reply = refusalOf(404, "there is nothing at this path", "not_found");
        return false;
    }
    if (head.method == "OPTIONS")
    {
        reply = _front.admission.preflight(facts, route != nullptr ? route->allow : "OPTIONS");
        return false;
    }
    if (!way.isOpen())
    {
        reply = refusalOf(way.method != 0 || isKnownMethod(head.method) ? 405 : 501,
                          "this path has other methods, see Allow", "method_not_allowed",
                          {{"Allow", route != nullptr ? route->allow : "OPTIONS"}});
        return false;
    }
    guard::Admission& admission = scratch.admission;
    _front.admission.renew(facts, admission);
    verdict.admission = &admission;
    if (!admission.admitted())
    {
        reply = admission.refusal ? std::move(*admission.refusal) : guard::Reply{403, {}, {}, "not_admitted"};
        return false;
    }
    if ((admission.limits.connections != 0 || _held) && !holdFor(admission))
    {
        _ends = true;
        reply = guard::retryLater(429, "too_many_own_connections",
                                  "You have reached your limit of connections; close one, or try again later", 1000);
        reply.reason = "too_many_own_connections";
        return false;
    }
    // Who looks after the server has to see why it refuses others.
    const bool looksAfter = route->always || route->area == guard::Area::OPERATIONS;
    if (!looksAfter || takesBody(way.method))
        if (_front.budget.used() >= _front.budget.limit())
        {
            reply = refusalOf(503, "limits.memoryMb is used up; try again later", "memory", {{"Retry-After", "1"}});
            return false;
        }
    if (takesBody(way.method))
        verdict.bodyBytes =
            route->area == guard::Area::OPEN ? std::min(route->bodyBytes, STRANGER_BODY_BYTES) : route->bodyBytes;
    return true;
}

} // namespace tenon::net

#include "net/mcp/McpEndpoint.h"

#include "net/connection/Exchange.h"
#include "net/http/Negotiation.h"
#include "net/http/WebSocketHandshake.h"
#include "net/route/MemoryRequest.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>
#include <string_view>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::string_view ONLY_POST = "Allow: POST, OPTIONS\r\n";
constexpr std::string_view POST_AND_DELETE = "Allow: POST, DELETE, OPTIONS\r\n";
constexpr auto INVALID_REQUEST = jsonrpc::ErrorKind::INVALID_REQUEST;
constexpr auto VERSION = base::Field::PROTOCOL_VERSION;
constexpr auto LIMIT = jsonrpc::ErrorKind::LIMIT;

/// Some systems begin every text they write with a byte order mark.
std::string_view withoutMark(std::string_view body)
{
    constexpr std::string_view MARK = "\xEF\xBB\xBF";
    return body.starts_with(MARK) ? body.substr(MARK.size()) : body;
}

/// An exchange as the sink that the dispatcher takes, without one more count of its references.
struct LentSink
{
    explicit LentSink(ExchangePtr& exchange) : from(exchange), sink(std::move(exchange)) {}
    ~LentSink() { from = std::static_pointer_cast<Exchange>(std::move(sink)); }
    LentSink(const LentSink&) = delete;
    LentSink& operator=(const LentSink&) = delete;

    ExchangePtr& from;
    mcp::ResponseSinkPtr sink;
};

/// GET and DELETE on the endpoint.
class SessionHandler final : public Poco::Net::HTTPRequestHandler
{
public:
    SessionHandler(mcp::Dispatcher& dispatcher, const McpEndpoint::OtherGets& others)
        : _dispatcher(dispatcher), _others(others)
    {
    }

    void handleRequest(Poco::Net::HTTPServerRequest& posed, Poco::Net::HTTPServerResponse& response) override
    {
        const auto& own = dynamic_cast<const MemoryRequest&>(posed);
        const Request& request = own.front();
        const bool wantsStream =
            readAccept(request.head.has(base::Field::ACCEPT), request.head.header(base::Field::ACCEPT)).stream;
        if (_others.socket && asksForWebSocket(request.head))
            return _others.socket()->handleRequest(posed, response);
        if (request.head.method == "GET" && !wantsStream && _others.plain)
            return _others.plain()->handleRequest(posed, response);
        const ExchangePtr exchange = own.memory().park();
        if (request.head.method == "GET" && !wantsStream && !isModernVersion(request.head.header(VERSION)))
            return refuseMessage(exchange, 405, INVALID_REQUEST,
                                 "GET opens an event stream: Accept must name text/event-stream", POST_AND_DELETE);
        if (request.head.method != "GET" && request.head.method != "DELETE")
            return refuseMessage(exchange, 405, INVALID_REQUEST, "messages are sent with POST",
                                 "Allow: GET, POST, DELETE, OPTIONS\r\n");
        if (isModernVersion(request.head.header(VERSION)))
            return refuseMessage(exchange, 405, INVALID_REQUEST, "this revision has POST only", ONLY_POST);
        if (request.head.method == "GET")
            openStream(request, exchange);
        else
            endSession(request, exchange);
    }

private:
    void openStream(const Request& request, const ExchangePtr& exchange)
    {
        if (const auto full = exchange->takeStream(request))
            return refuseMessage(exchange, full->status, LIMIT, full->message, RETRY_SOON);
        exchange->form().acceptsStream = true;
        exchange->form().emptyStatus =
            204; // of a stream that has nothing left: a client would come back to an empty one
        _dispatcher.openSessionStream(request.admission.principal, request.head.header(base::Field::SESSION_ID),
                                      request.head.header(VERSION), request.head.header(base::Field::LAST_EVENT_ID),
                                      exchange);
    }

    void endSession(const Request& request, const ExchangePtr& exchange)
    {
        exchange->form().emptyStatus = 200;
        _dispatcher.endSession(request.admission.principal, request.head.header(base::Field::SESSION_ID), exchange);
    }

    mcp::Dispatcher& _dispatcher;
    const McpEndpoint::OtherGets& _others;
};

} // namespace

void refuseMessage(const ExchangePtr& exchange, int status, jsonrpc::ErrorKind kind, std::string_view message,
                   std::string_view headers)
{
    std::string body;
    jsonrpc::appendError(body, {}, kind, false, message);
    const std::string_view part = body;
    exchange->respond(status, "application/json", std::span(&part, 1), headers);
}

mcp::Handled McpEndpoint::serve(const Request& request, ExchangePtr& exchange)
{
    const RequestHead& head = request.head;
    const PostedForm posted = readPosted(head);
    if (!posted.json)
    {
        refuseMessage(exchange, 415, INVALID_REQUEST, "Content-Type must be application/json");
        return mcp::Handled::DONE;
    }
    if (posted.accepts.nothing())
    {
        refuseMessage(exchange, 406, INVALID_REQUEST, "Accept must allow application/json or text/event-stream");
        return mcp::Handled::DONE;
    }
    exchange->form().acceptsJson = posted.accepts.json;
    exchange->form().acceptsStream = posted.accepts.stream;
    exchange->form().acceptsGzip = posted.gzip;

    mcp::IncomingMessage message;
    // A stream that lasts, in the guise of a request; the dispatcher sees to it that the header is true.
    if (head.header(base::Field::METHOD) == "subscriptions/listen")
    {
        if (const auto full = exchange->takeStream(request))
        {
            refuseMessage(exchange, full->status, LIMIT, full->message, RETRY_SOON);
            return mcp::Handled::DONE;
        }
    }
    else
        message.receivedUs = exchange->startClock();

    message.body = withoutMark(request.body);
    message.padding = base::JsonDocument::Padding::PRESENT;
    message.transport = mcp::Transport::STREAMABLE_HTTP;
    message.principal = request.admission.principal;
    message.headers = &head;
    message.clientAddress = request.admission.clientAddress;
    message.allowance = {request.admission.holder, request.admission.limits};
    message.mayBlock = request.mayBlock;
    message.mayBeLarge = request.inLane;
    const LentSink lent(exchange);
    return _dispatcher.handle(message, lent.sink);
}

void McpEndpoint::addTo(Router& router, const std::string& path, mcp::Dispatcher& dispatcher,
                        std::size_t maxMessageBytes, OtherGets others)
{
    Route route;
    route.methods = Route::GET | Route::POST | Route::DELETE_;
    route.always = true;
    route.bodyBytes = maxMessageBytes;
    route.direct = std::make_shared<McpEndpoint>(dispatcher);
    router.add(path, std::move(route),
               [&dispatcher, others = std::move(others)]
               { return std::make_unique<SessionHandler>(dispatcher, others); });
}

} // namespace tenon::net

#include "net/connection/HandlerEndpoint.h"

#include "base/text/Ascii.h"
#include "net/connection/Exchange.h"
#include "net/route/MemoryRequest.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Net/HTTPRequestHandler.h>

#include <exception>
#include <utility>

namespace tenon::net
{

namespace
{

void fail(const Request& request, const ExchangePtr& exchange, const std::string& what)
{
    Poco::Logger::get("tenon.net").error("the handler of " + std::string(request.head.path) + " failed: " + what);
    exchange->refuse(500, "the request could not be served");
}

void answer(const MemoryResponse& response, const ExchangePtr& exchange)
{
    std::string lines;
    for (const auto& [name, value] : response)
    {
        // Framing is the exchange's.
        if (base::equalsIgnoringCase(name, "Content-Length") || base::equalsIgnoringCase(name, "Transfer-Encoding") ||
            base::equalsIgnoringCase(name, "Connection") || base::equalsIgnoringCase(name, "Content-Type"))
            continue;
        lines.append(name).append(": ").append(value).append("\r\n");
    }
    const std::string body = response.body();
    const std::string_view part = body;
    const std::string type = response.has("Content-Type") ? response.get("Content-Type") : std::string();
    exchange->respond(response.getStatus(), type,
                      body.empty() ? std::span<const std::string_view>() : std::span(&part, 1), lines);
}

} // namespace

mcp::Handled HandlerEndpoint::serve(const Request& request, ExchangePtr& exchange)
{
    MemoryResponse response(exchange);
    MemoryRequest posed(request, response, *_params);
    std::string fault;
    try
    {
        const std::unique_ptr<Poco::Net::HTTPRequestHandler> handler(_factory.createRequestHandler(posed));
        if (handler)
            handler->handleRequest(posed, response);
        else
            response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_NOT_FOUND);
        if (!response.parked())
            answer(response, exchange);
        return mcp::Handled::DONE;
    }
    catch (const Poco::Exception& exc)
    {
        fault = exc.displayText();
    }
    catch (const std::exception& exc)
    {
        fault = exc.what();
    }
    fail(request, exchange, fault);
    return mcp::Handled::DONE;
}

} // namespace tenon::net

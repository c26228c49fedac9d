#include "net/front/HandlerEndpoint.h"

#include "base/Ascii.h"
#include "net/front/Exchange.h"
#include "net/front/MemoryRequest.h"

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
    Poco::Logger::get("net").error("the handler of " + std::string(request.head.path) + " failed: " + what);
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

HandlerEndpoint::HandlerEndpoint(Router::HandlerFactory factory) : _factory(std::move(factory)) {}

mcp::Handled HandlerEndpoint::serve(const Request& request, const ExchangePtr& exchange)
{
    static const Poco::AutoPtr<Poco::Net::HTTPServerParams> PARAMS = new Poco::Net::HTTPServerParams;
    MemoryResponse response;
    MemoryRequest posed(request, response, *PARAMS);
    try
    {
        const auto handler = _factory();
        handler->handleRequest(posed, response);
    }
    catch (const Poco::Exception& exc)
    {
        fail(request, exchange, exc.displayText());
        return mcp::Handled::DONE;
    }
    catch (const std::exception& exc)
    {
        fail(request, exchange, exc.what());
        return mcp::Handled::DONE;
    }
    answer(response, exchange);
    return mcp::Handled::DONE;
}

} // namespace tenon::net

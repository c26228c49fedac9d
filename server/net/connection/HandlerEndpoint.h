#pragma once

#include "net/route/Endpoint.h"
#include "net/route/Router.h"

#include <Poco/Net/HTTPServerParams.h>

namespace tenon::net
{

/// Has POCO's HTTPRequestHandlers serve, over requests and responses in memory: the router, as the server's
/// HTTPRequestHandlerFactory, makes one for each request.
///
/// The response is complete when the handler returns, unless the handler has parked it; what it throws becomes 500.
///
/// Threading: any thread.
/// Ownership: borrows the router.
class HandlerEndpoint final : public Endpoint
{
public:
    HandlerEndpoint(Poco::Net::HTTPRequestHandlerFactory& factory, Poco::Net::HTTPServerParams::Ptr params)
        : _factory(factory), _params(std::move(params))
    {
    }

    mcp::Handled serve(const Request& request, ExchangePtr& exchange) override;

private:
    Poco::Net::HTTPRequestHandlerFactory& _factory;
    const Poco::Net::HTTPServerParams::Ptr _params;
};

} // namespace tenon::net

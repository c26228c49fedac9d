#pragma once

#include "net/front/Endpoint.h"
#include "net/front/Router.h"

namespace tenon::net
{

/// Runs a POCO HTTPRequestHandler for each request, over requests and responses in memory.
///
/// The response is complete when the handler returns; what it throws becomes 500.
///
/// Threading: any thread; each request has a handler of its own.
class HandlerEndpoint final : public Endpoint
{
public:
    explicit HandlerEndpoint(Router::HandlerFactory factory);

    mcp::Handled serve(const Request& request, const ExchangePtr& exchange) override;

private:
    const Router::HandlerFactory _factory;
};

} // namespace tenon::net

#pragma once

#include "mcp/dispatch/Dispatcher.h"
#include "net/front/Endpoint.h"
#include "net/front/FrontState.h"

#include <memory>

namespace tenon::net
{

/// The MCP endpoint of Streamable HTTP: POST a message, GET the session's stream, DELETE the session.
///
/// Accept is read generously; an answer is JSON wherever the client takes JSON, unless something is sent before it.
///
/// Threading: any thread.
/// Ownership: borrows the dispatcher.
/// Spec:      2025-03-26 to 2025-11-25, Transports; 2026-07-28, Streamable HTTP (POST only).
class McpEndpoint final : public Endpoint
{
public:
    /// `plainGet` answers a GET that asks for no stream; null: 405.
    explicit McpEndpoint(mcp::Dispatcher& dispatcher, std::shared_ptr<Endpoint> plainGet = nullptr);

    mcp::Handled serve(const Request& request, const ExchangePtr& exchange) override;

private:
    mcp::Handled post(const Request& request, const ExchangePtr& exchange);
    mcp::Handled get(const Request& request, const ExchangePtr& exchange);
    mcp::Handled remove(const Request& request, const ExchangePtr& exchange);

    mcp::Dispatcher& _dispatcher;
    const std::shared_ptr<Endpoint> _plainGet;
};

/// What the sender of an admitted request may have at a time. Borrows the admission.
[[nodiscard]] mcp::Allowance allowanceOf(const guard::Admission& admission);

/// Refuses in the form of a JSON-RPC error without an id.
void refuseMessage(const ExchangePtr& exchange, int status, int code, std::string_view message,
                   std::string_view headers = {});

} // namespace tenon::net

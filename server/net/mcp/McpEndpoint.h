#pragma once

#include "jsonrpc/Error.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/route/Endpoint.h"
#include "net/route/Router.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The MCP endpoint of Streamable HTTP: POST a message, GET the session's stream, DELETE the session. POST is the hot
/// path and served directly; the others by a handler.
///
/// Accept is read generously; an answer is JSON wherever the client takes JSON, unless something is sent before it.
///
/// Threading: any thread.
/// Ownership: borrows the dispatcher.
/// Spec:      2025-03-26 to 2025-11-25, Transports; 2026-07-28, Streamable HTTP (POST only).
class McpEndpoint final : public Endpoint
{
public:
    explicit McpEndpoint(mcp::Dispatcher& dispatcher) : _dispatcher(dispatcher) {}

    /// What makes the handlers of a GET that does not ask for a stream.
    struct OtherGets
    {
        HandlerFactory plain;  ///< null: 405
        HandlerFactory socket; ///< that asks for a WebSocket; null: as if it did not
    };

    /// Adds the endpoint at `path`; messages may be `maxMessageBytes` large.
    static void addTo(Router& router, const std::string& path, mcp::Dispatcher& dispatcher, std::size_t maxMessageBytes,
                      OtherGets others = {});

    mcp::Handled serve(const Request& request, ExchangePtr& exchange) override;

private:
    mcp::Dispatcher& _dispatcher;
};

/// Refuses in the form of a JSON-RPC error without an id.
void refuseMessage(const ExchangePtr& exchange, int status, jsonrpc::ErrorKind kind, std::string_view message,
                   std::string_view headers = {});

} // namespace tenon::net

#pragma once

#include "base/threads/Executor.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/route/Endpoint.h"

#include <memory>

namespace tenon::net
{

/// POST on the MCP endpoint for clients that know neither sessions nor `initialize`: each request gets a session that
/// lasts as long as it does. What names a session or a revision, and `initialize` itself, goes to the endpoint proper.
///
/// Threading: any thread.
/// Ownership: borrows dispatcher and executor.
class PlainPost final : public Endpoint
{
public:
    PlainPost(mcp::Dispatcher& dispatcher, base::Executor& executor, std::shared_ptr<Endpoint> endpoint)
        : _dispatcher(dispatcher), _executor(executor), _endpoint(std::move(endpoint))
    {
    }

    mcp::Handled serve(const Request& request, ExchangePtr& exchange) override;

private:
    class Reply;

    mcp::Dispatcher& _dispatcher;
    base::Executor& _executor;
    const std::shared_ptr<Endpoint> _endpoint;
};

/// Sends `initialize` in the place of a client that does not, for a session of HTTP+SSE.
void initializeFor(mcp::Dispatcher& dispatcher, const base::PrincipalPtr& principal, std::string_view clientAddress,
                   const std::shared_ptr<mcp::Session>& session);

/// Answers who gets no session: 429 if it has as many as it may, 503 if nobody gets one.
void refuseSession(const mcp::Dispatcher& dispatcher, const ExchangePtr& exchange);

} // namespace tenon::net

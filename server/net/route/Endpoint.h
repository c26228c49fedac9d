#pragma once

#include "base/json/JsonDocument.h"
#include "guard/Admission.h"
#include "mcp/messages/IncomingMessage.h"
#include "net/http/RequestHead.h"

#include <memory>
#include <string_view>

namespace tenon::net
{

class Exchange;
struct Route;
using ExchangePtr = std::shared_ptr<Exchange>;

/// One complete, admitted request. Everything is borrowed until `serve` returns.
struct Request
{
    const RequestHead& head;
    const Route& route;                ///< found once, when the head had been read
    std::string_view body;             ///< `base::JsonDocument::PADDING` readable bytes follow
    std::string_view rest;             ///< of the path behind a route that ends in `/*`
    const guard::Admission& admission; ///< admitted
    std::string_view peerAddress;      ///< of the socket
    bool secure = false;
    bool mayBlock = true; ///< false: all threads are busy; do nothing that may hold this one
    bool inLane = false;  ///< this is one of the few threads for what is large
};

/// Serves requests without a handler of POCO's in between: the hot path.
///
/// Threading: any thread.
class Endpoint
{
public:
    virtual ~Endpoint() = default;

    /// Answers through `exchange`, now or later.
    ///
    /// Shape:     WOULD_BLOCK, with nothing done, is allowed only if `request.mayBlock` is false; LARGE only if `inLane` is.
    /// Ownership: the exchange is lent: it stands where it stood when this returns or throws.
    virtual mcp::Handled serve(const Request& request, ExchangePtr& exchange) = 0;
};

} // namespace tenon::net

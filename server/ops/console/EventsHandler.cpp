#include "ops/console/EventsHandler.h"

#include "net/route/MemoryRequest.h"
#include "ops/Permitted.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

void EventsHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    constexpr int UNAVAILABLE = 503;
    const auto& own = dynamic_cast<const net::MemoryRequest&>(request);
    const net::ExchangePtr stream = own.memory().park();
    if (const auto full = stream->takeStream(own.front()))
        return stream->refuse(full->status, full->message, net::RETRY_SOON);
    stream->form().acceptsStream = true;
    if (!_feed.watch(stream))
        return stream->refuse(UNAVAILABLE, "Too many clients are watching this server already; try again later",
                              net::RETRY_SOON);
    stream->openStream({}, 0);
    if (const std::string sample = _history.lastJson(); !sample.empty())
        (void)stream->sendEvent("sample", {}, sample);
}

} // namespace tenon::ops

#include "ops/broadcast/BroadcastHandler.h"

#include "base/json/JsonWriter.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <string>

namespace tenon::ops
{

namespace
{

constexpr std::size_t MAX_BYTES = 1 << 20;

} // namespace

void BroadcastHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::BROADCAST))
        return;
    try
    {
        const std::size_t sent = _sessions.broadcast(bodyOf(request, MAX_BYTES));
        std::string json;
        base::JsonWriter(json).beginObject().member("sent", sent).endObject();
        sendJson(response, 200, json);
    }
    catch (const Poco::DataFormatException& exc)
    {
        sendError(response, 400, "invalid_request", exc.message());
    }
}

} // namespace tenon::ops

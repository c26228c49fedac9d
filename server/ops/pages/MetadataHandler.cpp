#include "ops/pages/MetadataHandler.h"

#include "ops/Answers.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

void MetadataHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    const std::string& uri = request.getURI();
    const std::string json = _gate.resourceMetadata(std::string_view(uri).substr(0, uri.find('?')));
    if (json.empty())
    {
        sendError(response, 404, "not_found", "This server does not use OAuth, or not at this path");
        return;
    }
    response.setContentType("application/json");
    response.set("Cache-Control", "max-age=3600");
    response.sendBuffer(json.data(), json.size());
}

} // namespace tenon::ops

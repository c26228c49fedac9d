#include "ops/plugins/PluginHandler.h"

#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <string>
#include <string_view>

namespace tenon::ops
{

namespace
{

constexpr std::string_view PREFIX = "/plugins/";

} // namespace

void PluginHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    const std::string path = request.getURI().substr(0, request.getURI().find('?'));
    const auto slash = path.rfind('/');
    const std::string order = path.substr(slash + 1);
    if (!path.starts_with(PREFIX) || slash < PREFIX.size() || (order != "restart" && order != "reload"))
    {
        sendError(response, 404, "not_found", "There are /plugins/NAME/restart and /plugins/NAME/reload");
        return;
    }
    const std::string name = path.substr(PREFIX.size(), slash - PREFIX.size());
    try
    {
        order == "restart" ? _plugins.restart(name) : _plugins.reload(name);
        response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_NO_CONTENT);
        response.sendBuffer("", 0);
    }
    catch (const Poco::NotFoundException& exc)
    {
        sendError(response, 404, "not_found", exc.message());
    }
    catch (const Poco::Exception& exc)
    {
        sendError(response, 409, "plugin_refused", exc.message());
    }
}

} // namespace tenon::ops

#pragma once

#include "guard/Gate.h"
#include "plugin/manager/PluginManager.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::ops
{

/// `POST /plugins/NAME/restart` and `/plugins/NAME/reload`, for those who may see statistics. 204; 404 if there is no such
/// plugin; 409 with the reason if it cannot be loaded or started: the old one then stays if it works.
///
/// Ownership: borrows both.
class PluginHandler : public Poco::Net::HTTPRequestHandler
{
public:
    PluginHandler(plugin::PluginManager& plugins, const guard::Gate& gate) : _plugins(plugins), _gate(gate) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    plugin::PluginManager& _plugins;
    const guard::Gate& _gate;
};

} // namespace tenon::ops

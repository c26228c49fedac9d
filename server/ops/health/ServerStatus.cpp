#include "ops/health/ServerStatus.h"

#include <algorithm>

namespace tenon::ops
{

ServerStatus::ServerStatus(const plugin::PluginManager& plugins, std::vector<std::string> required,
                           std::function<Backed()> backed)
    : _plugins(plugins), _required(std::move(required)), _backed(std::move(backed)),
      _startedAt(std::chrono::steady_clock::now())
{
}

Readiness ServerStatus::readiness() const
{
    Readiness readiness{_phase, {}, {}, _backed ? _backed() : Backed::THERE};
    const auto plugins = _plugins.status();
    for (const auto& name : _required)
        if (std::none_of(plugins.begin(), plugins.end(),
                         [&](const auto& plugin) {
                             return plugin.name == name && (plugin.state == "running" || plugin.state == "restarting");
                         }))
            readiness.missingPlugins.push_back(name);
    for (const auto& plugin : plugins)
        if (!plugin.instance.lacks.empty() &&
            std::find(_required.begin(), _required.end(), plugin.name) != _required.end())
            readiness.lackingPlugins.emplace(plugin.name, plugin.instance.lacks);
    return readiness;
}

std::chrono::seconds ServerStatus::uptime() const
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - _startedAt);
}

} // namespace tenon::ops

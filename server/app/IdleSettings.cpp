#include "app/IdleSettings.h"

#include "guard/Gate.h"

#include <Poco/String.h>

#include <algorithm>

namespace tenon::app
{

namespace
{

/// What concerns worker processes, of a plugin that has none.
std::vector<std::string> workerSettingsWithoutEffect(const base::Settings& settings)
{
    std::vector<std::string> lines;
    for (const std::string& name : settings.namesUnder("plugin."))
    {
        const std::string at = "plugin." + name + '.';
        if (settings.text(settings.isSet(at + "isolation") ? at + "isolation" : "plugins.isolation") == "process")
            continue;
        for (const auto& [key, value] : settings.under(at))
            if (key == "workers" || key == "maxCrashes" || key == "crashWindowMs" || key.starts_with("limits.") ||
                key.starts_with("env."))
            {
                lines.push_back(settings.at(at + key) + " has no effect: " + at + "isolation is not process");
                break;
            }
    }
    return lines;
}

} // namespace

std::vector<std::string> settingsWithoutEffect(const base::Settings& settings)
{
    struct Condition
    {
        const char* prefix;
        std::vector<std::string> types; ///< of auth.type; empty: the switch counts
        const char* on = nullptr;       ///< a switch
    };
    const Condition conditions[] = {{"auth.token.", {"bearer", "apikey"}},
                                    {"auth.apikey.", {"apikey"}},
                                    {"auth.user.", {"basic"}},
                                    {"auth.certificate.", {"certificate"}},
                                    {"auth.jwt.", {"jwt", "oauth"}},
                                    {"auth.oauth.", {"oauth"}},
                                    {"tls.", {}, "tls.enabled"},
                                    {"attach.", {}, "attach.enabled"}};
    const auto types = settings.list("auth.type");
    std::vector<std::string> lines;
    for (const auto& [prefix, needed, on] : conditions)
    {
        const bool works = on ? settings.boolean(on)
                              : std::any_of(needed.begin(), needed.end(),
                                            [&](const std::string& type)
                                            { return std::find(types.begin(), types.end(), type) != types.end(); });
        for (const auto& [rest, value] : settings.under(prefix))
            if (const std::string key = prefix + rest; !works && (!on || key != on))
            {
                lines.push_back(
                    settings.at(key) + " has no effect: " +
                    (on ? std::string(on) + " is not true"
                        : "auth.type does not name " + Poco::cat(std::string(" or "), needed.begin(), needed.end())));
                break; // the others of its kind likewise
            }
    }
    for (std::string& line : workerSettingsWithoutEffect(settings))
        lines.push_back(std::move(line));
    for (std::string& line : guard::loginsWithoutUse(settings))
        lines.push_back(std::move(line));
    const auto heartbeat = settings.integer("timeouts.heartbeatMs"), idle = settings.integer("timeouts.idleMs");
    if (idle != 0 && heartbeat >= idle)
        lines.push_back(
            settings.at(settings.isSet("timeouts.heartbeatMs") ? "timeouts.heartbeatMs" : "timeouts.idleMs") +
            " has streams closed while they are quiet: timeouts.heartbeatMs is not shorter than "
            "timeouts.idleMs");
    return lines;
}

} // namespace tenon::app

#pragma once

#include "guard/Gate.h"
#include "mcp/Services.h"
#include "net/Settings.h"
#include "ops/Settings.h"
#include "ops/stats/SessionsView.h"
#include "plugin/config/PluginSettings.h"

#include <Poco/Timestamp.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tenon::test
{

inline constexpr std::time_t BEGAN = 1'800'000'000; ///< 2027-01-15T08:00:00Z

/// A session as `/stats` sees it. Units: `openedAfterSeconds` of BEGAN.
inline ops::SessionInfo sessionInfo(std::string id, std::string type, std::int64_t openedAfterSeconds,
                                    std::shared_ptr<const base::Permissions> permissions = nullptr)
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = "token:" + type;
    principal->name = "name of " + type;
    principal->type = std::move(type);
    principal->permissions = std::move(permissions);
    ops::SessionInfo info;
    info.id = std::move(id);
    info.principal = std::move(principal);
    info.transport = "streamable-http";
    info.protocolVersion = "2025-11-25";
    info.openedAt = Poco::Timestamp::fromEpochTime(BEGAN + openedAfterSeconds);
    info.idleMs = 1500;
    info.eventsSent = 3;
    info.streaming = true;
    return info;
}

/// The settings of this room and of those on which it stands.
inline base::SettingsPtr settingsOf(std::map<std::string, std::string> values)
{
    std::vector<base::SettingSpec> specs;
    for (const auto& room : {ops::settings(), guard::settings(), net::settings(), mcp::settings(), plugin::settings()})
        specs.insert(specs.end(), room.begin(), room.end());
    return base::Settings::of(std::move(values), std::move(specs));
}

} // namespace tenon::test

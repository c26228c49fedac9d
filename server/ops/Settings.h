#pragma once

#include "base/settings/Settings.h"

#include <string>
#include <vector>

namespace tenon::ops
{

/// The settings of this room, read once; their defaults are those that `settings()` declares.
struct Settings
{
    bool console;
    std::string metrics;       ///< "restricted", "open", "off"
    std::string accessLog;     ///< "off", "combined", "text", "json"
    std::string accessLogFile; ///< empty: standard error
    std::string accessLogRotation;
    std::string accessLogKeep;
    std::vector<std::string> requiredPlugins;

    // Of other rooms, for the pages for people.
    std::string publicUrl, mcpPath, ssePath;
    std::string serverName, serverTitle;
    std::vector<std::string> authentication; ///< "none", "bearer", …

    [[nodiscard]] static Settings read(const base::Settings& settings);
};

/// The keys of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::ops

#pragma once

#include "base/settings/Settings.h"

#include <string>
#include <utility>
#include <vector>

namespace tenon::ops
{

/// The settings of this room, read once; their defaults are those that `settings()` declares.
struct Settings
{
    bool console;
    std::string consoleClientId; ///< at the authorization server; empty: the console makes itself known there
    std::string metrics;         ///< "restricted", "open", "off"
    std::string accessLog;       ///< "off", "combined", "text", "json"
    std::string accessLogFile;   ///< empty: standard error
    std::string accessLogRotation;
    std::string accessLogKeep;
    std::vector<std::string> requiredPlugins;

    std::string collector; ///< the URL for traces; empty: none
    double traceRatio;
    std::vector<std::pair<std::string, std::string>> collectorHeaders;

    // Of other rooms, for the pages for people.
    std::string publicUrl, mcpPath, ssePath;
    std::string serverName, serverTitle;
    std::vector<std::string> authentication; ///< "none", "bearer", …

    /// Errors: base's SettingsException for a collector that is no URL of HTTP, or a header without a colon.
    [[nodiscard]] static Settings read(const base::Settings& settings);
};

/// The keys of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::ops

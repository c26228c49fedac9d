#pragma once

#include "base/settings/Settings.h"

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace tenon::app
{

/// The settings of this room, read once; their defaults are those that `settings()` declares.
struct Settings
{
    struct Log
    {
        bool json;
        std::string channel; ///< "console", "file", "syslog", "eventlog", "none"; never "auto"
        std::string file, rotation, keep;
    };

    Log log;
    std::chrono::milliseconds drain;    ///< for running calls, when told to stop
    std::chrono::milliseconds lameDuck; ///< before that, with `/ready` at 503
    std::uint64_t memoryBytes;          ///< what peers and plugins may make the server hold
    bool control;                       ///< listen for `tenon status` and its like
    std::string controlDirectory;       ///< empty: the system's place for such things

    /// Errors: Poco::InvalidArgumentException, worded for the operator, for a log that cannot be.
    [[nodiscard]] static Settings read(const base::Settings& settings);
};

/// The keys of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

/// The settings of all rooms, in the order in which they are documented.
[[nodiscard]] std::vector<base::SettingSpec> allSettings();

/// Writes the settings file that has every key with its default and a line of explanation, all commented out: what
/// `conf/tenon.properties` begins from, and what a test holds it against.
void printSettings(std::ostream& out);

} // namespace tenon::app

#pragma once

#include "clock/Zones.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace clock_plugin
{

/// A folder of compiled zones, as the system has it or TZDIR names it. What was replaced since the last look is read again.
///
/// Threading: any thread.
class TzDatabase
{
public:
    explicit TzDatabase(std::filesystem::path folder) : _folder(std::move(folder)) {}

    /// As `zoneRules` of Zones.h.
    std::shared_ptr<const ZoneRules> rules(const std::string& name);

    /// As `zoneNames`.
    std::vector<std::string> names();

private:
    /// What tells one state of a file or folder from the next.
    struct Stamp
    {
        std::int64_t changed = 0;
        std::uint64_t size = 0;
        std::uint64_t identity = 0; ///< 0 where files have none
        bool operator==(const Stamp&) const = default;
    };
    struct Read
    {
        Stamp stamp;
        std::shared_ptr<const ZoneRules> rules;
    };

    static std::optional<Stamp> stampOf(const std::filesystem::path& path);

    const std::filesystem::path _folder;

    std::mutex _mutex;                  // guards all below
    std::map<std::string, Read> _zones; ///< as many as the folder has
    std::vector<std::string> _names;
    Stamp _namesStamp;
};

} // namespace clock_plugin

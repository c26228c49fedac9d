#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// What a process looked like each time a library had been loaded, called and unloaded in it.
struct ReloadTrial
{
    struct Round
    {
        std::size_t threads;
        std::uint64_t residentBytes;
    };
    Round before{};            ///< when nothing had been loaded yet
    std::vector<Round> rounds; ///< those that came to their end
    std::string failure;       ///< how the process ended before the last one; empty if it did not
};

/// Loads, starts, calls, stops and unloads a library `rounds` times in one other process.
///
/// Shape:     `calls` are positions of tools and arguments. Where processes cannot be copied there are no rounds and no
///            failure.
/// Errors:    Poco::SystemException; Poco::FileException if the file cannot be read.
/// Threading: only while the process has no other threads.
[[nodiscard]] ReloadTrial tryReloads(const std::string& file, const std::map<std::string, std::string>& settings,
                                     const std::vector<std::pair<std::uint32_t, std::string>>& calls, int rounds);

} // namespace tenon::plugin

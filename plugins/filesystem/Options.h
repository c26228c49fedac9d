#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::filesystem
{

/// The plugin's settings, `plugin.filesystem.*`.
struct Options
{
    std::vector<std::string> roots; ///< directories; nothing outside them is touched
    bool writable = false;
    bool deletable = false;                          ///< whether files may be deleted; only if `writable`
    std::uint64_t maxReadBytes = 1024 * 1024;        ///< of one read
    std::uint64_t maxMediaBytes = 8 * 1024 * 1024;   ///< of one image or sound
    std::uint64_t maxWriteBytes = 16 * 1024 * 1024;  ///< of one write
    std::uint64_t maxSearchBytes = 64 * 1024 * 1024; ///< of one file that is searched for content
    std::uint64_t maxSearchEntries = 200'000;        ///< entries that one search, tree or deletion looks at
    std::uint64_t maxResults = 1000;                 ///< entries of one list, results of one search
};

} // namespace tenon::filesystem

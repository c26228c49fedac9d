#pragma once

#include "filesystem/paths/Roots.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tenon::filesystem
{

/// A file or directory, as results show it.
struct Entry
{
    std::string name;
    std::string path;
    std::string uri;
    Kind kind = Kind::FILE;
    bool link = false;
    std::optional<std::uint64_t> size;   ///< bytes; files only
    std::optional<std::string> modified; ///< ISO 8601, UTC
};

Entry toEntry(const Location& location, const Info& info);

} // namespace tenon::filesystem

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace tenon::sqlite
{

/// What tells the file that has a name now from the one that had it before: device and number. Nothing if there is none,
/// and on Windows, where an open file keeps its name.
using FileIdentity = std::optional<std::pair<std::uint64_t, std::uint64_t>>;

FileIdentity identityOf(const std::string& path);

} // namespace tenon::sqlite

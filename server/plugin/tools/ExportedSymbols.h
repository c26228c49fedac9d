#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The symbols that a library offers to others, without those that compilers and linkers add.
///
/// Shape:  no value if the file is in no format that is known here (64-bit ELF).
/// Errors: Poco::FileException if it cannot be read.
[[nodiscard]] std::optional<std::vector<std::string>> exportedSymbols(const std::string& file);

} // namespace tenon::plugin

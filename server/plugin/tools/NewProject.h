#pragma once

#include <string>

namespace tenon::plugin
{

enum class Language
{
    CPP,
    C,
    RUST
};

/// Makes the folder `name` below the current one: a complete project of a plugin, from the SDK's template.
///
/// Errors: Poco::InvalidArgumentException for a name that no plugin can have, Poco::FileException if the folder exists
///         or cannot be written.
void makeProject(const std::string& name, Language language);

/// The commands that build it where this program's SDK is, a line each, and the library that they make.
[[nodiscard]] std::string buildCommands(const std::string& name, Language language);
[[nodiscard]] std::string libraryOf(const std::string& name, Language language);

} // namespace tenon::plugin

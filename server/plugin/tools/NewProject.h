#pragma once

#include <string>

namespace tenon::plugin
{

/// Makes the folder `name` below the current one: a complete project of a plugin in C++, or in C, from the SDK's
/// template.
///
/// Errors: Poco::InvalidArgumentException for a name that no plugin can have, Poco::FileException if the folder exists
///         or cannot be written.
void makeProject(const std::string& name, bool inC);

} // namespace tenon::plugin

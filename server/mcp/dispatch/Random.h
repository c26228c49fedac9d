#pragma once

#include <string>

namespace tenon::mcp
{

/// 128 random bits of the system's cryptographic source, as 32 hex digits: ids that nobody can guess.
///
/// Errors: Poco::SystemException if the source fails.
[[nodiscard]] std::string randomId();

} // namespace tenon::mcp

#pragma once

#include <cstddef>
#include <string>

namespace tenon::base
{

/// Bytes of the system's cryptographic source.
///
/// Errors:    Poco::SystemException if the source fails.
/// Threading: any thread.
[[nodiscard]] std::string randomBytes(std::size_t count);

/// Random hexadecimal digits of the same source: 32 of them, 128 bits, are an id that nobody can guess; eight tell the
/// errors in a log apart.
///
/// Shape:  `digits` is even.
/// Errors: as `randomBytes`.
[[nodiscard]] std::string randomId(std::size_t digits = 32);

} // namespace tenon::base

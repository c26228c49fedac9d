#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tenon::base
{

using Sha256 = std::array<std::uint8_t, 32>;

/// Not by POCO's engines: they set OpenSSL up and take it down between them, and not for several threads at once.
///
/// Threading: any thread.
/// Errors:    Poco::SystemException if OpenSSL has no SHA-256.
[[nodiscard]] Sha256 sha256(std::string_view text);

/// Shape: 32 bytes, of `digest`.
[[nodiscard]] inline std::string_view bytesOf(const Sha256& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace tenon::base

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tenon::guard
{

using Digest = std::array<std::uint8_t, 32>;

// Threading: any thread, all functions.

[[nodiscard]] Digest sha256(std::string_view text);
[[nodiscard]] Digest hmacSha256(std::string_view key, std::string_view text);

/// Whether two texts are equal, in a time that depends on their sizes alone: for everything that is compared with a
/// secret.
[[nodiscard]] bool equalInConstantTime(std::string_view left, std::string_view right);
[[nodiscard]] bool equalInConstantTime(const Digest& left, const Digest& right);

} // namespace tenon::guard

#pragma once

#include "base/text/Sha256.h"

#include <string_view>

namespace tenon::guard
{

using Digest = base::Sha256;
using base::sha256;

// Threading: any thread, all functions.

[[nodiscard]] Digest hmacSha256(std::string_view key, std::string_view text);

/// Whether two texts are equal, in a time that depends on their sizes alone: for everything that is compared with a
/// secret.
[[nodiscard]] bool equalInConstantTime(std::string_view left, std::string_view right);
[[nodiscard]] bool equalInConstantTime(const Digest& left, const Digest& right);

} // namespace tenon::guard

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::base
{

// Durations and sizes as people write them. Threading: any thread.

/// Milliseconds of "1500", "500ms", "30s", "1.5h", "1h30m", "2d"; nothing for anything else, or beyond 64 bits.
[[nodiscard]] std::optional<std::int64_t> durationMs(std::string_view text);

/// Bytes of "4096", "64k", "4M", "4 MB", "4MiB", "1.5G": units are powers of 1024, in either case; nothing for anything
/// else, or beyond 64 bits. A text without a unit is multiplied by `plainUnit`.
[[nodiscard]] std::optional<std::int64_t> sizeBytes(std::string_view text, std::int64_t plainUnit = 1);

} // namespace tenon::base

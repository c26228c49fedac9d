#pragma once

#include <array>
#include <string_view>

namespace tenon::client
{

// The revisions of the protocol that this client speaks, newest first.

inline constexpr std::string_view MODERN_REVISION = "2026-07-28";
inline constexpr std::string_view LATEST_LEGACY_REVISION = "2025-11-25";
inline constexpr std::string_view FIRST_REVISION = "2024-11-05";
inline constexpr std::array<std::string_view, 5> REVISIONS = {MODERN_REVISION, LATEST_LEGACY_REVISION, "2025-06-18",
                                                              "2025-03-26", FIRST_REVISION};

/// Whether this client speaks `revision`.
[[nodiscard]] constexpr bool isKnownRevision(std::string_view revision) noexcept
{
    for (const std::string_view known : REVISIONS)
        if (known == revision)
            return true;
    return false;
}

/// Whether requests of `revision` carry their metadata themselves, without a handshake. Dates compare as text.
[[nodiscard]] constexpr bool isModernRevision(std::string_view revision) noexcept
{
    return revision >= MODERN_REVISION;
}

/// Whether HTTP requests of `revision` name it in a header.
[[nodiscard]] constexpr bool hasVersionHeader(std::string_view revision) noexcept
{
    return revision >= "2025-06-18";
}

} // namespace tenon::client

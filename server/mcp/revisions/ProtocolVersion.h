#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace tenon::mcp
{

/// The protocol's revisions, oldest first, so that they compare by age.
///
/// *Legacy* revisions begin with an `initialize` handshake, *modern* ones carry everything in each request.
enum class ProtocolVersion
{
    V2024_11_05,
    V2025_03_26,
    V2025_06_18,
    V2025_11_25,
    V2026_07_28
};

inline constexpr ProtocolVersion NEWEST = ProtocolVersion::V2026_07_28;
inline constexpr ProtocolVersion NEWEST_LEGACY = ProtocolVersion::V2025_11_25;
inline constexpr std::size_t VERSION_COUNT = 5;

inline constexpr std::array<std::string_view, VERSION_COUNT> VERSION_TEXTS = {"2024-11-05", "2025-03-26", "2025-06-18",
                                                                              "2025-11-25", "2026-07-28"};

[[nodiscard]] constexpr std::string_view textOf(ProtocolVersion version)
{
    return VERSION_TEXTS[static_cast<std::size_t>(version)];
}

[[nodiscard]] constexpr std::optional<ProtocolVersion> versionOf(std::string_view text)
{
    for (std::size_t index = 0; index < VERSION_COUNT; ++index)
        if (VERSION_TEXTS[index] == text)
            return static_cast<ProtocolVersion>(index);
    return std::nullopt;
}

[[nodiscard]] constexpr bool isModern(ProtocolVersion version)
{
    return version >= ProtocolVersion::V2026_07_28;
}

/// The array of all revisions, newest first, as JSON text: `supportedVersions`, and `supported` of the error.
inline constexpr std::string_view SUPPORTED_VERSIONS_JSON =
    R"(["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"])";

} // namespace tenon::mcp

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tenon::base
{

/// How much one principal, or one address without authentication, may have at a time, and how often it may ask.
///
/// What the operator did not set is a share of what the server has of the thing: nobody takes it all.
struct HolderLimits
{
    // 0: no limit; unset: the share.
    std::optional<std::uint32_t> sessions, streams, callsInFlight, tasks;
    std::uint32_t connections = 0;       ///< 0: no limit; a proxy's connections carry the requests of many
    std::uint32_t requestsPerMinute = 0; ///< 0: no limit; the gate sees to it
    std::uint32_t sharePercent = 10;     ///< `limits.share`

    /// What the principal may have where the server has `total` (0: as many as come), and the operator set `own`; 0: no
    /// limit of its own.
    [[nodiscard]] std::size_t most(std::optional<std::uint32_t> own, std::size_t total) const
    {
        if (own)
            return *own;
        constexpr std::size_t A_FEW = 8; // a small server is still of use to everybody
        return total == 0 || sharePercent >= 100 ? 0 : std::max(A_FEW, total * sharePercent / 100);
    }
};

} // namespace tenon::base

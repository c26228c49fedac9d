#pragma once

#include <cstdint>

namespace tenon::guard
{

/// How much one principal of a type may have at a time, and how often it may ask. 0 means no limit.
struct TypeLimits
{
    std::uint32_t connections = 0;
    std::uint32_t sessions = 0;
    std::uint32_t streams = 0;
    std::uint32_t callsInFlight = 0;
    std::uint32_t requestsPerMinute = 0;

    /// Whether anything is limited but the rate, which the gate enforces itself.
    [[nodiscard]] bool any() const { return (connections | sessions | streams | callsInFlight) != 0; }
};

} // namespace tenon::guard

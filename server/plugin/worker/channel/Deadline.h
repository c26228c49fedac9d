#pragma once

#include <chrono>
#include <cstdint>

namespace tenon::plugin
{

/// Whether the time of a call is over.
///
/// Shape: `deadlineMs` counts from `begin`; 0: there is none. Any number: it came in a frame.
[[nodiscard]] inline bool hasPassed(std::uint64_t deadlineMs, std::chrono::steady_clock::time_point begin)
{
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    return deadlineMs != 0 && static_cast<std::uint64_t>(
                                  std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count()) >= deadlineMs;
}

} // namespace tenon::plugin

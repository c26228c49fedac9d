#pragma once

#include <chrono>
#include <cstdint>

namespace tenon::base
{

/// A monotonic clock: for deadlines, idle times and lifetimes, which must not jump with the time of day.

[[nodiscard]] inline std::int64_t steadyUs() noexcept
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

[[nodiscard]] inline std::int64_t steadyMs() noexcept
{
    return steadyUs() / 1000;
}

} // namespace tenon::base

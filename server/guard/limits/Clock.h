#pragma once

#include <chrono>
#include <cstdint>

namespace tenon::guard
{

/// The two clocks of this room, replaceable in tests.
///
/// Threading: any thread.
class Clock
{
public:
    virtual ~Clock() = default;

    /// Seconds since 1970-01-01 UTC, for what tokens claim.
    [[nodiscard]] virtual std::int64_t unixSeconds() const = 0;

    /// Milliseconds since some moment, never going back, for rates.
    [[nodiscard]] virtual std::int64_t steadyMs() const = 0;

    [[nodiscard]] static const Clock& system();
};

/// The moment `afterMs` from now on the steady clock, for deadlines; a far one is never.
[[nodiscard]] std::chrono::steady_clock::time_point steadyMoment(const Clock& clock, std::int64_t afterMs);

} // namespace tenon::guard

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace tenon::plugin
{

/// When the workers of a plugin crashed lately, and what follows from it.
///
/// Threading: one thread at a time.
class CrashHistory
{
public:
    using Clock = std::chrono::steady_clock;

    CrashHistory(std::size_t maxCrashes, std::chrono::milliseconds window) : _maxCrashes(maxCrashes), _window(window) {}

    void add(Clock::time_point now);
    void forget() { _times.clear(); }

    /// As many within the window as the plugin may not have.
    [[nodiscard]] bool tooMany() const { return _times.size() >= _maxCrashes; }
    [[nodiscard]] std::size_t recent() const { return _times.size(); }

    /// How long to wait before the next worker: not at all the first time, then longer and longer.
    [[nodiscard]] Clock::duration pause() const { return pauseAfter(_times.size()); }

    /// Likewise after so many failures in a row.
    [[nodiscard]] static Clock::duration pauseAfter(std::size_t failures);

private:
    const std::size_t _maxCrashes;
    const std::chrono::milliseconds _window;
    std::deque<Clock::time_point> _times; ///< within the window
};

} // namespace tenon::plugin

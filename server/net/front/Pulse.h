#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tenon::net
{

/// Tells a thread that is held by what it does from one that only waits for a processor: on a busy machine a thread may get
/// none for many milliseconds, and a second one in its place would get none either.
///
/// Threading: `begin` by the thread that is watched, once; the rest by who watches it.
class Pulse
{
public:
    /// From here on the calling thread is watched.
    void begin() noexcept;

    /// Whether the thread, which has been at the same thing since `fresh` was last called, is held by it: it sleeps in it,
    /// or has computed for two milliseconds. Where the system does not say: true.
    [[nodiscard]] bool held() noexcept;

    /// What the calling thread has computed so far; where the system does not say, the time that went by.
    [[nodiscard]] static std::chrono::nanoseconds computed() noexcept;

    /// The thread is at something else.
    void fresh() noexcept { _computedNs = -1; }

private:
    std::atomic<long> _thread{0};  ///< its number; 0: not begun
    std::int64_t _computedNs = -1; ///< by the thread, when `held` first found it with a processor or waiting for one
};

} // namespace tenon::net

#include "guard/limits/Clock.h"

#include <chrono>

namespace tenon::guard
{

namespace
{

class SystemClock : public Clock
{
public:
    std::int64_t unixSeconds() const override
    {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::seconds>(now).count();
    }

    std::int64_t steadyMs() const override
    {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    }
};

} // namespace

const Clock& Clock::system()
{
    static const SystemClock clock;
    return clock;
}

std::chrono::steady_clock::time_point steadyMoment(const Clock& clock, std::int64_t afterMs)
{
    constexpr std::int64_t FAR_MS = 100LL * 365 * 24 * 3'600'000; // a century; more would not fit nanoseconds
    if (afterMs >= FAR_MS)
        return std::chrono::steady_clock::time_point::max();
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(clock.steadyMs() + afterMs));
}

} // namespace tenon::guard

#include "guard/jwt/Clock.h"

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

} // namespace tenon::guard

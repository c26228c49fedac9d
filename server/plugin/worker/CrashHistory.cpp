#include "plugin/worker/CrashHistory.h"

#include <algorithm>

namespace tenon::plugin
{

namespace
{
constexpr std::chrono::milliseconds FIRST_PAUSE{100}, LONGEST_PAUSE{10000};
} // namespace

void CrashHistory::add(Clock::time_point now)
{
    _times.push_back(now);
    while (now - _times.front() > _window)
        _times.pop_front();
}

CrashHistory::Clock::duration CrashHistory::pauseAfter(std::size_t failures)
{
    if (failures <= 1)
        return {};
    const auto doublings = std::min<std::size_t>(failures - 2, 10);
    return std::min<Clock::duration>(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE);
}

} // namespace tenon::plugin

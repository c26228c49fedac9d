#pragma once

#include "sysinfo/Platform.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace tenon::sysinfo
{

/// Time, and waiting for it.
class Pace
{
public:
    using Time = std::chrono::steady_clock::time_point;

    virtual ~Pace() = default;
    virtual Time now() const = 0;

    /// False if nobody wants the result any more; then at once.
    virtual bool waitUntil(Time time) = 0;
};

/// The real one; asks every 20 ms whether to go on.
class RealPace : public Pace
{
public:
    explicit RealPace(std::function<bool()> stop) : _stop(std::move(stop)) {}

    Time now() const override { return std::chrono::steady_clock::now(); }
    bool waitUntil(Time time) override;

private:
    const std::function<bool()> _stop;
};

struct Sample
{
    double seconds = 0; ///< since the beginning
    double cpuPercent = 0;
    double memoryPercent = 0;
    std::uint64_t memoryUsed = 0; ///< bytes
    std::optional<double> load;   ///< of the last minute
};

struct Range
{
    double minimum = 0;
    double average = 0;
    double maximum = 0;
};

struct Sampling
{
    std::vector<Sample> samples;
    Range cpuPercent;
    Range memoryPercent;
    double seconds = 0;     ///< that it really took
    bool cancelled = false; ///< then these are the samples up to there
};

/// Takes `count` samples, evenly over `duration`; each tells of the time since the one before. `tell` hears of each.
///
/// Errors:    Unavailable.
/// Threading: holds the calling thread for `duration`.
Sampling takeSamples(const Platform& platform, std::chrono::milliseconds duration, unsigned count, Pace& pace,
                     const std::function<void(const Sample&, unsigned number)>& tell);

} // namespace tenon::sysinfo

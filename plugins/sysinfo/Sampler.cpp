#include "sysinfo/Sampler.h"

#include "sysinfo/Usage.h"

#include <algorithm>
#include <thread>

namespace tenon::sysinfo
{

namespace
{

template <class Member>
Range rangeOf(const std::vector<Sample>& samples, Member member)
{
    if (samples.empty())
        return {};
    Range range{samples.front().*member, 0, samples.front().*member};
    for (const Sample& sample : samples)
    {
        range.minimum = std::min(range.minimum, sample.*member);
        range.maximum = std::max(range.maximum, sample.*member);
        range.average += sample.*member;
    }
    range.average = rounded(range.average / static_cast<double>(samples.size()));
    return range;
}

double secondsBetween(Pace::Time from, Pace::Time to)
{
    return std::chrono::duration<double>(to - from).count();
}

} // namespace

bool RealPace::waitUntil(Time time)
{
    constexpr std::chrono::milliseconds ASK_EVERY{20};
    while (true)
    {
        if (_stop && _stop())
            return false;
        const Time present = now();
        if (present >= time)
            return true;
        std::this_thread::sleep_for(std::min<Time::duration>(ASK_EVERY, time - present));
    }
}

Sampling takeSamples(const Platform& platform, std::chrono::milliseconds duration, unsigned count, Pace& pace,
                     const std::function<void(const Sample&, unsigned)>& tell)
{
    Sampling sampling;
    const Pace::Time begin = pace.now();
    CpuReading before = platform.cpu();
    for (unsigned number = 1; number <= count; ++number)
    {
        // Counted from the beginning, so that the time a reading takes does not add up.
        if (!pace.waitUntil(begin + Pace::Time::duration(duration) * number / count))
        {
            sampling.cancelled = true;
            break;
        }
        const CpuReading after = platform.cpu();
        const Memory memory = platform.memory();
        Sample sample;
        sample.seconds = secondsBetween(begin, pace.now());
        sample.cpuPercent = rounded(busyPercent(before.all, after.all));
        sample.memoryUsed = memory.total - std::min(memory.available, memory.total);
        sample.memoryPercent = rounded(percent(sample.memoryUsed, memory.total));
        if (const auto load = platform.load())
            sample.load = load->oneMinute;
        before = after;
        sampling.samples.push_back(sample);
        if (tell)
            tell(sample, number);
    }
    sampling.seconds = secondsBetween(begin, pace.now());
    sampling.cpuPercent = rangeOf(sampling.samples, &Sample::cpuPercent);
    sampling.memoryPercent = rangeOf(sampling.samples, &Sample::memoryPercent);
    return sampling;
}

} // namespace tenon::sysinfo

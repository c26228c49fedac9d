#include "sysinfo/Usage.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tenon::sysinfo
{

namespace
{

std::string lower(std::string text)
{
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

bool comesFirst(const ProcessUsage& a, const ProcessUsage& b, ProcessOrder order)
{
    const auto then = [&] { return a.process.id < b.process.id; };
    switch (order)
    {
    case ProcessOrder::CPU:
        return a.cpuPercent != b.cpuPercent ? a.cpuPercent > b.cpuPercent : then();
    case ProcessOrder::MEMORY:
        return a.process.residentBytes != b.process.residentBytes ? a.process.residentBytes > b.process.residentBytes
                                                                  : then();
    case ProcessOrder::AGE:
        return a.process.ageSeconds != b.process.ageSeconds ? a.process.ageSeconds < b.process.ageSeconds : then();
    case ProcessOrder::NAME:
        return a.process.name != b.process.name ? a.process.name < b.process.name : then();
    case ProcessOrder::ID:
        break;
    }
    return then();
}

} // namespace

double busyPercent(const CpuTimes& before, const CpuTimes& after)
{
    // Counters of single states may go back a little: idle time is estimated.
    const double busy = after.busy > before.busy ? static_cast<double>(after.busy - before.busy) : 0;
    const double idle = after.idle > before.idle ? static_cast<double>(after.idle - before.idle) : 0;
    return busy + idle > 0 ? 100 * busy / (busy + idle) : 0;
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double rounded(double value)
{
    return std::round(value * 10) / 10;
}

std::vector<ProcessUsage> topProcesses(const std::vector<Process>& before, std::vector<Process> after,
                                       double secondsBetween, std::uint64_t totalMemory, ProcessOrder order,
                                       const std::string& name, std::size_t limit)
{
    std::map<std::int64_t, const Process*> earlier;
    for (const Process& process : before)
        earlier.emplace(process.id, &process);
    const std::string wanted = lower(name);
    std::vector<ProcessUsage> usages;
    for (Process& process : after)
    {
        if (!wanted.empty() && lower(process.name).find(wanted) == std::string::npos &&
            lower(process.commandLine).find(wanted) == std::string::npos)
            continue;
        double seconds = process.ageSeconds;
        double used = process.cpuSeconds;
        const auto found = earlier.find(process.id);
        // A number that was given to a new process meanwhile has used less than before.
        if (found != earlier.end() && found->second->cpuSeconds <= process.cpuSeconds && secondsBetween > 0)
        {
            seconds = secondsBetween;
            used -= found->second->cpuSeconds;
        }
        ProcessUsage usage;
        usage.cpuPercent = seconds > 0 ? rounded(100 * used / seconds) : 0;
        usage.memoryPercent = rounded(percent(process.residentBytes, totalMemory));
        usage.process = std::move(process);
        usages.push_back(std::move(usage));
    }
    const std::size_t count = std::min(limit, usages.size());
    std::partial_sort(usages.begin(), usages.begin() + static_cast<std::ptrdiff_t>(count), usages.end(),
                      [order](const ProcessUsage& a, const ProcessUsage& b) { return comesFirst(a, b, order); });
    usages.resize(count);
    return usages;
}

} // namespace tenon::sysinfo

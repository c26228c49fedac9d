#pragma once

#include "sysinfo/Platform.h"

#include <string>
#include <vector>

/// What follows from two readings of the same thing.

namespace tenon::sysinfo
{

/// Per cent of the time between two readings that was spent busy, 0 to 100. 0 if no time has passed.
double busyPercent(const CpuTimes& before, const CpuTimes& after);

double percent(std::uint64_t part, std::uint64_t whole);

/// One decimal: more is noise.
double rounded(double value);

enum class ProcessOrder
{
    CPU,
    MEMORY,
    AGE, ///< the youngest first
    ID,
    NAME
};

struct ProcessUsage
{
    Process process;
    double cpuPercent = 0;    ///< 100 is one core
    double memoryPercent = 0; ///< of all memory
};

/// Processes of `after`, with what they used since `before`, or since they were started if they are not in it; the first
/// `limit` in `order`. `name`: only those whose name or command line holds it, without regard to case.
std::vector<ProcessUsage> topProcesses(const std::vector<Process>& before, std::vector<Process> after,
                                       double secondsBetween, std::uint64_t totalMemory, ProcessOrder order,
                                       const std::string& name, std::size_t limit);

} // namespace tenon::sysinfo

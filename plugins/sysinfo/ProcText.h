#pragma once

#include "sysinfo/Readings.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The texts of Linux's /proc (proc(5)). All functions take what a file holds; what is missing keeps its default.

namespace tenon::sysinfo::proc
{

CpuReading parseStat(std::string_view stat);             ///< /proc/stat
CpuInfo parseCpuInfo(std::string_view cpuinfo);          ///< /proc/cpuinfo
std::optional<Load> parseLoad(std::string_view load);    ///< /proc/loadavg
double parseUptime(std::string_view uptime);             ///< /proc/uptime, seconds
Memory parseMemory(std::string_view meminfo);            ///< /proc/meminfo
std::vector<Mount> parseMounts(std::string_view mounts); ///< /proc/self/mounts

/// Of /proc/<pid>/stat.
///
/// Shape:  `ticks` per second and bytes of a `page` as sysconf gives them; user and command line are left empty.
/// Errors: false if it is no such text.
bool parseProcess(std::string_view stat, double uptimeSeconds, long ticks, long page, Process& process);

/// /proc/<pid>/cmdline: arguments with a NUL after each, joined by spaces.
std::string parseCommandLine(std::string_view cmdline);

/// Mounts that stand for storage: no kernel interfaces, none in memory; a device that is mounted twice once, at its
/// shortest path. `network`: those of other machines too.
std::vector<Mount> storageOf(std::vector<Mount> mounts, bool network);

} // namespace tenon::sysinfo::proc

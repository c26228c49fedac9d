#pragma once

#include <string>
#include <vector>

namespace bench
{

/// What /proc says of a process.
struct Usage
{
    long residentKb = 0; ///< VmRSS
    long privateKb = 0;  ///< of it, what no file backs: RssAnon
    long threads = 0;
    double cpuSeconds = 0;
};

[[nodiscard]] Usage usageOf(int pid);

/// The value below which `share` of the sorted values lie.
[[nodiscard]] double quantile(std::vector<double>& values, double share);

} // namespace bench

#include "app/process/UsableMemory.h"

#include <algorithm>
#include <exception>
#include <fstream>
#include <string>

#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace tenon::app
{

namespace
{

constexpr std::uint64_t UNKNOWN = std::uint64_t(4) << 30; // a small machine's

std::uint64_t machineMemory() noexcept
{
#if defined(_WIN32)
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : UNKNOWN;
#else
    const long pages = ::sysconf(_SC_PHYS_PAGES), bytes = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(bytes) : UNKNOWN;
#endif
}

#if defined(__linux__)
/// The limit of a control group of version 2, or of any above it; a file that says `max` or is not there sets none.
std::uint64_t groupMemory(std::uint64_t machine)
{
    std::string line;
    std::ifstream groups("/proc/self/cgroup");
    while (std::getline(groups, line) && !line.starts_with("0::"))
        line.clear();
    if (line.size() < 4)
        return machine;
    std::uint64_t least = machine;
    for (std::string path = line.substr(3); !path.empty(); path.resize(path.rfind('/')))
    {
        std::uint64_t bytes = 0;
        if (std::ifstream("/sys/fs/cgroup" + path + "/memory.max") >> bytes && bytes > 0)
            least = std::min(least, bytes);
    }
    return least;
}
#endif

} // namespace

std::uint64_t usableMemory() noexcept
{
    const std::uint64_t machine = machineMemory();
#if defined(__linux__)
    try
    {
        return groupMemory(machine);
    }
    catch (const std::exception&)
    {
        return machine;
    }
#else
    return machine;
#endif
}

} // namespace tenon::app

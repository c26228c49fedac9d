#include "ops/metrics/ProcessMetrics.h"

#if defined(__linux__)
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#endif

namespace tenon::ops
{

namespace
{

using enum PrometheusText::Type;

#if defined(__linux__)

struct Memory
{
    std::uint64_t virtualBytes = 0, residentBytes = 0;
};

Memory memoryOfProcess()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t virtualPages = 0, residentPages = 0;
    if (!(file >> virtualPages >> residentPages))
        return {};
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return {virtualPages * page, residentPages * page};
}

void addMemory(PrometheusText& text)
{
    const Memory memory = memoryOfProcess();
    if (memory.virtualBytes == 0)
        return;
    text.family("tenon_process_virtual_memory_bytes", "Virtual memory of the process.", GAUGE);
    text.sample(static_cast<double>(memory.virtualBytes));
    text.family("tenon_process_resident_memory_bytes", "Resident memory of the process.", GAUGE);
    text.sample(static_cast<double>(memory.residentBytes));
}

void addTime(PrometheusText& text)
{
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    const auto seconds = [](const timeval& time)
    { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    text.family("tenon_process_cpu_seconds_total", "Processor time of the process, user and system.", COUNTER);
    text.sample(seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

void addFiles(PrometheusText& text)
{
    std::error_code error;
    std::filesystem::directory_iterator at("/proc/self/fd", error);
    std::size_t count = 0;
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
        ++count;
    if (error)
        return;
    text.family("tenon_process_open_fds", "Open file descriptors of the process.", GAUGE);
    text.sample(static_cast<double>(count));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    text.family("tenon_process_max_fds", "File descriptors the process may open.", GAUGE);
    text.sample(static_cast<double>(limit.rlim_cur));
}

#endif

} // namespace

void addProcessMetrics(PrometheusText& text)
{
    text.family("tenon_build_info", "The version that runs, in the label.", GAUGE);
    text.sample(1, {{"version", TENON_VERSION}});
#if defined(__linux__)
    addMemory(text);
    addTime(text);
    addFiles(text);
#endif
}

std::uint64_t residentBytes()
{
#if defined(__linux__)
    return memoryOfProcess().residentBytes;
#else
    return 0;
#endif
}

} // namespace tenon::ops

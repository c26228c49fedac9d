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

constexpr auto COUNTER = PrometheusText::Type::COUNTER;
constexpr auto GAUGE = PrometheusText::Type::GAUGE;

#if defined(__linux__)

void addMemory(PrometheusText& text)
{
    std::ifstream file("/proc/self/statm");
    double virtualPages = 0, residentPages = 0;
    if (!(file >> virtualPages >> residentPages))
        return;
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    text.family("process_virtual_memory_bytes", "Virtual memory of the process.", GAUGE);
    text.sample(virtualPages * page);
    text.family("process_resident_memory_bytes", "Resident memory of the process.", GAUGE);
    text.sample(residentPages * page);
}

void addTime(PrometheusText& text)
{
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    const auto seconds = [](const timeval& time)
    { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    text.family("process_cpu_seconds_total", "Processor time of the process, user and system.", COUNTER);
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
    text.family("process_open_fds", "Open file descriptors of the process.", GAUGE);
    text.sample(static_cast<double>(count));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    text.family("process_max_fds", "File descriptors the process may open.", GAUGE);
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

} // namespace tenon::ops

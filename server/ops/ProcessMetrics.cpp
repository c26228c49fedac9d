#include "ops/ProcessMetrics.h"

#include <string>

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

void add(std::vector<prometheus::MetricFamily>& families, const char* name, const char* help,
         prometheus::MetricType type, double value, std::vector<prometheus::ClientMetric::Label> labels = {})
{
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    family.metric.resize(1);
    family.metric[0].label = std::move(labels);
    (type == prometheus::MetricType::Counter ? family.metric[0].counter.value : family.metric[0].gauge.value) = value;
    families.push_back(std::move(family));
}

#if defined(__linux__)

void addMemory(std::vector<prometheus::MetricFamily>& families)
{
    std::ifstream file("/proc/self/statm");
    double virtualPages = 0, residentPages = 0;
    if (!(file >> virtualPages >> residentPages))
        return;
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    add(families, "process_virtual_memory_bytes", "Virtual memory of the process.", prometheus::MetricType::Gauge,
        virtualPages * page);
    add(families, "process_resident_memory_bytes", "Resident memory of the process.", prometheus::MetricType::Gauge,
        residentPages * page);
}

void addTime(std::vector<prometheus::MetricFamily>& families)
{
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    const auto seconds = [](const timeval& time)
    { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    add(families, "process_cpu_seconds_total", "Processor time of the process, user and system.",
        prometheus::MetricType::Counter, seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

void addFiles(std::vector<prometheus::MetricFamily>& families)
{
    std::error_code error;
    std::filesystem::directory_iterator at("/proc/self/fd", error);
    std::size_t count = 0;
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
        ++count;
    if (error)
        return;
    add(families, "process_open_fds", "Open file descriptors of the process.", prometheus::MetricType::Gauge,
        static_cast<double>(count));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        add(families, "process_max_fds", "File descriptors the process may open.", prometheus::MetricType::Gauge,
            static_cast<double>(limit.rlim_cur));
}

#endif

} // namespace

void addProcessMetrics(std::vector<prometheus::MetricFamily>& families)
{
    add(families, "tenon_build_info", "The version that runs, in the label.", prometheus::MetricType::Gauge, 1,
        {{"version", TENON_VERSION}});
#if defined(__linux__)
    addMemory(families);
    addTime(families);
    addFiles(families);
#endif
}

} // namespace tenon::ops

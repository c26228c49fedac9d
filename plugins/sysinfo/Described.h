#pragma once

#include "sysinfo/Sampler.h"
#include "sysinfo/Usage.h"

#include <tenon/plugin.hpp>

/// How the core's types look as JSON, flat where they are nested.

namespace tenon::sysinfo
{

inline auto describe(Type<ProcessOrder>)
{
    return choices(choice(ProcessOrder::CPU, "cpu"), choice(ProcessOrder::MEMORY, "memory"),
                   choice(ProcessOrder::AGE, "age"), choice(ProcessOrder::ID, "pid"),
                   choice(ProcessOrder::NAME, "name"));
}

inline auto describe(Type<Load>)
{
    return object(field("oneMinute", &Load::oneMinute), field("fiveMinutes", &Load::fiveMinutes),
                  field("fifteenMinutes", &Load::fifteenMinutes));
}

struct CpuView
{
    std::string model;
    unsigned logicalCores = 0;
    std::optional<unsigned> physicalCores;
    std::optional<double> megahertz;
    double usedPercent = 0;
    std::optional<std::vector<double>> coresUsedPercent;
    std::optional<Load> load;
    double uptimeSeconds = 0;
};

inline auto describe(Type<CpuView>)
{
    return object(field("model", &CpuView::model), field("logicalCores", &CpuView::logicalCores),
                  field("physicalCores", &CpuView::physicalCores),
                  field("megahertz", &CpuView::megahertz, "Of the fastest core, now"),
                  field("usedPercent", &CpuView::usedPercent, "Of all cores together over the interval, 0 to 100"),
                  field("coresUsedPercent", &CpuView::coresUsedPercent, "Of each logical core, if asked for"),
                  field("load", &CpuView::load,
                        "How many processes were running or waiting on average; more than logicalCores means that some "
                        "had to wait. Not on Windows"),
                  field("uptimeSeconds", &CpuView::uptimeSeconds, "Since the machine was started"));
}

struct MemoryView
{
    std::uint64_t total = 0, used = 0, available = 0, free = 0, cached = 0;
    double usedPercent = 0;
    std::uint64_t swapTotal = 0, swapUsed = 0;

    explicit MemoryView(const Memory& memory)
        : total(memory.total), used(memory.total - std::min(memory.available, memory.total)),
          available(memory.available), free(memory.free), cached(memory.cached),
          usedPercent(rounded(percent(used, total))), swapTotal(memory.swapTotal),
          swapUsed(memory.swapTotal - std::min(memory.swapFree, memory.swapTotal))
    {
    }
};

inline auto describe(Type<MemoryView>)
{
    return object(field("total", &MemoryView::total, "Bytes, as all that follow"),
                  field("used", &MemoryView::used, "Not available"),
                  field("available", &MemoryView::available, "For programs, without swapping"),
                  field("free", &MemoryView::free, "Not used for anything, caches included"),
                  field("cached", &MemoryView::cached, "Caches, most of which can be dropped"),
                  field("usedPercent", &MemoryView::usedPercent), field("swapTotal", &MemoryView::swapTotal),
                  field("swapUsed", &MemoryView::swapUsed));
}

struct DiskView
{
    std::string path, device, fileSystem;
    bool readOnly = false;
    std::uint64_t total = 0, used = 0, available = 0;
    double usedPercent = 0;

    explicit DiskView(const Disk& disk)
        : path(disk.mount.path), device(disk.mount.device), fileSystem(disk.mount.fileSystem),
          readOnly(disk.mount.readOnly), total(disk.total), used(disk.total - std::min(disk.free, disk.total)),
          available(disk.available), usedPercent(rounded(percent(used, used + disk.available)))
    {
    }
};

inline auto describe(Type<DiskView>)
{
    return object(field("path", &DiskView::path, "Where it is mounted"), field("device", &DiskView::device),
                  field("fileSystem", &DiskView::fileSystem), field("readOnly", &DiskView::readOnly),
                  field("total", &DiskView::total, "Bytes, likewise used and available"),
                  field("used", &DiskView::used), field("available", &DiskView::available, "For ordinary users"),
                  field("usedPercent", &DiskView::usedPercent, "Of what ordinary users could use"));
}

struct DisksView
{
    std::vector<DiskView> disks;
};

inline auto describe(Type<DisksView>)
{
    return object(field("disks", &DisksView::disks));
}

struct ProcessView
{
    std::int64_t pid = 0, parent = 0;
    std::string name, user, state;
    double cpuPercent = 0, memoryPercent = 0;
    std::uint64_t memory = 0;
    unsigned threads = 0;
    double cpuSeconds = 0, ageSeconds = 0;
    std::optional<std::string> commandLine;

    explicit ProcessView(ProcessUsage&& usage)
        : pid(usage.process.id), parent(usage.process.parent), name(std::move(usage.process.name)),
          user(std::move(usage.process.user)), state(std::move(usage.process.state)), cpuPercent(usage.cpuPercent),
          memoryPercent(usage.memoryPercent), memory(usage.process.residentBytes), threads(usage.process.threads),
          cpuSeconds(usage.process.cpuSeconds), ageSeconds(rounded(usage.process.ageSeconds))
    {
        if (!usage.process.commandLine.empty())
            commandLine = std::move(usage.process.commandLine);
    }
};

inline auto describe(Type<ProcessView>)
{
    return object(field("pid", &ProcessView::pid), field("parent", &ProcessView::parent, "The pid of its parent"),
                  field("name", &ProcessView::name), field("user", &ProcessView::user),
                  field("state", &ProcessView::state, "running, sleeping, waiting (for a disk), stopped, zombie, idle"),
                  field("cpuPercent", &ProcessView::cpuPercent, "Over the interval; 100 is one core"),
                  field("memoryPercent", &ProcessView::memoryPercent, "Of all memory"),
                  field("memory", &ProcessView::memory, "Bytes in use (resident)"),
                  field("threads", &ProcessView::threads),
                  field("cpuSeconds", &ProcessView::cpuSeconds, "Processor time since it was started"),
                  field("ageSeconds", &ProcessView::ageSeconds, "Since it was started"),
                  field("commandLine", &ProcessView::commandLine, "If the settings let it be shown"));
}

struct ProcessesView
{
    std::uint64_t total = 0;
    std::vector<ProcessView> processes;
};

inline auto describe(Type<ProcessesView>)
{
    return object(field("total", &ProcessesView::total, "Processes on the machine"),
                  field("processes", &ProcessesView::processes, "The first in the order asked for"));
}

inline auto describe(Type<Range>)
{
    return object(field("minimum", &Range::minimum), field("average", &Range::average),
                  field("maximum", &Range::maximum));
}

inline auto describe(Type<Sample>)
{
    return object(field("seconds", &Sample::seconds, "Since the beginning"),
                  field("cpuPercent", &Sample::cpuPercent, "Of all cores, since the sample before"),
                  field("memoryPercent", &Sample::memoryPercent), field("memoryUsed", &Sample::memoryUsed, "Bytes"),
                  field("load", &Sample::load, "Of the last minute. Not on Windows"));
}

inline auto describe(Type<Sampling>)
{
    return object(field("cpuPercent", &Sampling::cpuPercent), field("memoryPercent", &Sampling::memoryPercent),
                  field("seconds", &Sampling::seconds, "How long it took"), field("samples", &Sampling::samples));
}

} // namespace tenon::sysinfo

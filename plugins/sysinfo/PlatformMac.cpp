#include "sysinfo/Platform.h"

#include "sysinfo/UserName.h"

#include <algorithm>
#include <ctime>
#include <libproc.h>
#include <mach/mach.h>
#include <mach/mach_time.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <unistd.h>

namespace tenon::sysinfo
{

namespace
{

template <class T>
T control(const char* name, T fallback)
{
    T value = fallback;
    std::size_t size = sizeof value;
    return ::sysctlbyname(name, &value, &size, nullptr, 0) == 0 ? value : fallback;
}

std::string controlText(const char* name)
{
    char text[256] = {};
    std::size_t size = sizeof text - 1;
    return ::sysctlbyname(name, text, &size, nullptr, 0) == 0 ? std::string(text) : std::string();
}

class PlatformMac : public Platform
{
public:
    CpuInfo cpuInfo() const override
    {
        CpuInfo info;
        info.model = controlText("machdep.cpu.brand_string");
        info.logicalCores = static_cast<unsigned>(control<int>("hw.logicalcpu", 0));
        if (const int cores = control<int>("hw.physicalcpu", 0))
            info.physicalCores = static_cast<unsigned>(cores);
        return info;
    }

    CpuReading cpu() const override
    {
        natural_t count = 0;
        processor_info_array_t ticks = nullptr;
        mach_msg_type_number_t size = 0;
        if (::host_processor_info(::mach_host_self(), PROCESSOR_CPU_LOAD_INFO, &count, &ticks, &size) != KERN_SUCCESS)
            throw Unavailable("The operating system does not tell its processor times.");
        CpuReading reading;
        for (natural_t core = 0; core < count; ++core)
        {
            const integer_t* times = ticks + static_cast<std::size_t>(core) * CPU_STATE_MAX;
            CpuTimes one;
            one.idle = static_cast<std::uint32_t>(times[CPU_STATE_IDLE]);
            for (const int state : {CPU_STATE_USER, CPU_STATE_SYSTEM, CPU_STATE_NICE})
                one.busy += static_cast<std::uint32_t>(times[state]);
            reading.all.idle += one.idle;
            reading.all.busy += one.busy;
            reading.cores.push_back(one);
        }
        ::vm_deallocate(::mach_task_self(), reinterpret_cast<vm_address_t>(ticks), size * sizeof(integer_t));
        return reading;
    }

    std::optional<Load> load() const override
    {
        double averages[3] = {};
        if (::getloadavg(averages, 3) != 3)
            return std::nullopt;
        return Load{averages[0], averages[1], averages[2]};
    }

    double uptimeSeconds() const override
    {
        const timeval booted = control<timeval>("kern.boottime", timeval{});
        return static_cast<double>(::time(nullptr) - booted.tv_sec);
    }

    Memory memory() const override
    {
        vm_statistics64_data_t pages = {};
        mach_msg_type_number_t size = HOST_VM_INFO64_COUNT;
        if (::host_statistics64(::mach_host_self(), HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&pages), &size) !=
            KERN_SUCCESS)
            throw Unavailable("The operating system does not tell its memory.");
        const auto page = static_cast<std::uint64_t>(::getpagesize());
        const xsw_usage swap = control<xsw_usage>("vm.swapusage", xsw_usage{});
        Memory memory;
        memory.total = control<std::uint64_t>("hw.memsize", 0);
        memory.free = pages.free_count * page;
        memory.cached = (static_cast<std::uint64_t>(pages.external_page_count) + pages.purgeable_count) * page;
        memory.available = memory.free + memory.cached;
        memory.swapTotal = swap.xsu_total;
        memory.swapFree = swap.xsu_avail;
        return memory;
    }

    std::vector<Disk> disks(bool network) const override
    {
        struct statfs* mounts = nullptr;
        const int count = ::getmntinfo(&mounts, MNT_NOWAIT);
        std::vector<Disk> disks;
        for (int i = 0; i < count; ++i)
        {
            const struct statfs& one = mounts[i];
            const bool local = (one.f_flags & MNT_LOCAL) != 0;
            if ((one.f_flags & MNT_DONTBROWSE) || one.f_blocks == 0 || (!local && !network))
                continue;
            const std::uint64_t block = one.f_bsize;
            disks.push_back({{one.f_mntfromname, one.f_mntonname, one.f_fstypename, (one.f_flags & MNT_RDONLY) != 0},
                             one.f_blocks * block,
                             one.f_bfree * block,
                             one.f_bavail * block});
        }
        return disks;
    }

    std::vector<Process> processes(bool) const override
    {
        std::vector<pid_t> ids(static_cast<std::size_t>(std::max(0, ::proc_listallpids(nullptr, 0))) + 64);
        const int count = ::proc_listallpids(ids.data(), static_cast<int>(ids.size() * sizeof(pid_t)));
        if (count <= 0)
            throw Unavailable("The operating system does not tell its processes to this server.");
        std::vector<Process> processes;
        for (int i = 0; i < count; ++i)
        {
            proc_taskallinfo info = {};
            if (::proc_pidinfo(ids[static_cast<std::size_t>(i)], PROC_PIDTASKALLINFO, 0, &info, sizeof info) !=
                static_cast<int>(sizeof info))
                continue;
            Process process;
            process.id = info.pbsd.pbi_pid;
            process.parent = info.pbsd.pbi_ppid;
            process.name = info.pbsd.pbi_name[0] ? info.pbsd.pbi_name : info.pbsd.pbi_comm;
            process.user = nameOf(info.pbsd.pbi_uid);
            process.state = info.pbsd.pbi_status == SZOMB ? "zombie"
                            : info.ptinfo.pti_numrunning  ? "running"
                                                          : "sleeping";
            process.threads = static_cast<unsigned>(info.ptinfo.pti_threadnum);
            process.cpuSeconds =
                static_cast<double>(info.ptinfo.pti_total_user + info.ptinfo.pti_total_system) * tickSeconds();
            process.ageSeconds = static_cast<double>(::time(nullptr)) - static_cast<double>(info.pbsd.pbi_start_tvsec);
            process.residentBytes = info.ptinfo.pti_resident_size;
            processes.push_back(std::move(process));
        }
        return processes;
    }

private:
    /// Times of processes are in ticks of the machine's clock.
    static double tickSeconds()
    {
        mach_timebase_info_data_t base = {};
        return ::mach_timebase_info(&base) == KERN_SUCCESS && base.denom
                   ? static_cast<double>(base.numer) / static_cast<double>(base.denom) / 1e9
                   : 1e-9;
    }
};

} // namespace

std::unique_ptr<Platform> Platform::make()
{
    return std::make_unique<PlatformMac>();
}

} // namespace tenon::sysinfo

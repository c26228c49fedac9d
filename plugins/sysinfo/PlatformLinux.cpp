#include "sysinfo/Platform.h"

#include "sysinfo/ProcText.h"
#include "sysinfo/UserName.h"

#include <cctype>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace tenon::sysinfo
{

namespace
{

/// The whole of a file in /proc; empty if it cannot be read: processes end while they are looked at.
std::string slurp(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return {};
    std::string text;
    char buffer[16 * 1024];
    ssize_t count = 0;
    while ((count = ::read(fd, buffer, sizeof buffer)) > 0)
        text.append(buffer, static_cast<std::size_t>(count));
    ::close(fd);
    return text;
}

std::string needed(const std::string& path)
{
    std::string text = slurp(path);
    if (text.empty())
        throw Unavailable("The operating system does not give " + path + " to this server.");
    return text;
}

class PlatformLinux : public Platform
{
public:
    CpuInfo cpuInfo() const override
    {
        CpuInfo info = proc::parseCpuInfo(slurp("/proc/cpuinfo"));
        utsname system = {};
        if (info.model.empty() && ::uname(&system) == 0)
            info.model = system.machine;
        if (info.logicalCores == 0)
            info.logicalCores = static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN));
        return info;
    }

    CpuReading cpu() const override { return proc::parseStat(needed("/proc/stat")); }
    std::optional<Load> load() const override { return proc::parseLoad(slurp("/proc/loadavg")); }
    double uptimeSeconds() const override { return proc::parseUptime(needed("/proc/uptime")); }
    Memory memory() const override { return proc::parseMemory(needed("/proc/meminfo")); }

    std::vector<Disk> disks(bool network) const override
    {
        std::vector<Disk> disks;
        for (Mount& mount : proc::storageOf(proc::parseMounts(needed("/proc/self/mounts")), network))
        {
            struct statvfs status = {};
            if (::statvfs(mount.path.c_str(), &status) != 0 || status.f_blocks == 0)
                continue;
            const std::uint64_t block = status.f_frsize;
            disks.push_back(
                {std::move(mount), status.f_blocks * block, status.f_bfree * block, status.f_bavail * block});
        }
        return disks;
    }

    std::vector<Process> processes(bool commandLines) const override
    {
        const double uptime = uptimeSeconds();
        const long ticks = ::sysconf(_SC_CLK_TCK);
        const long page = ::sysconf(_SC_PAGESIZE);
        DIR* const directory = ::opendir("/proc");
        if (!directory)
            throw Unavailable("The operating system does not tell its processes to this server.");
        std::vector<Process> processes;
        std::map<uid_t, std::string> users;
        while (const dirent* entry = ::readdir(directory))
        {
            if (!std::isdigit(static_cast<unsigned char>(entry->d_name[0])))
                continue;
            const std::string folder = std::string("/proc/") + entry->d_name;
            Process process;
            struct stat status = {};
            if (!proc::parseProcess(slurp(folder + "/stat"), uptime, ticks, page, process) ||
                ::stat(folder.c_str(), &status) != 0)
                continue;
            auto user = users.find(status.st_uid);
            if (user == users.end())
                user = users.emplace(status.st_uid, nameOf(status.st_uid)).first;
            process.user = user->second;
            if (commandLines)
                process.commandLine = proc::parseCommandLine(slurp(folder + "/cmdline"));
            processes.push_back(std::move(process));
        }
        ::closedir(directory);
        return processes;
    }
};

} // namespace

std::unique_ptr<Platform> Platform::make()
{
    return std::make_unique<PlatformLinux>();
}

} // namespace tenon::sysinfo

#include "sysinfo/Platform.h"

#include <algorithm>

#include <windows.h>

#include <psapi.h>
#include <tlhelp32.h>

namespace tenon::sysinfo
{

namespace
{

std::string toUtf8(const wchar_t* text)
{
    const int size = ::WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
    std::string result(size > 0 ? static_cast<std::size_t>(size) : 1, '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text, -1, result.data(), size, nullptr, nullptr);
    result.pop_back();
    return result;
}

/// In units of 100 ns.
std::uint64_t toInteger(const FILETIME& time)
{
    return static_cast<std::uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
}

double toSeconds(std::uint64_t time)
{
    return static_cast<double>(time) / 1e7;
}

class Handle
{
public:
    explicit Handle(HANDLE handle) : _handle(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle()
    {
        if (_handle)
            ::CloseHandle(_handle);
    }

    HANDLE get() const { return _handle; }
    explicit operator bool() const { return _handle != nullptr; }

private:
    HANDLE _handle;
};

std::string registryText(const wchar_t* key, const wchar_t* name)
{
    wchar_t text[256] = {};
    DWORD size = sizeof text - sizeof(wchar_t);
    if (::RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, text, &size) != ERROR_SUCCESS)
        return {};
    return toUtf8(text);
}

unsigned physicalCores()
{
    DWORD size = 0;
    ::GetLogicalProcessorInformation(nullptr, &size);
    std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> parts(size / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
    if (parts.empty() || !::GetLogicalProcessorInformation(parts.data(), &size))
        return 0;
    unsigned cores = 0;
    for (const auto& part : parts)
        cores += part.Relationship == RelationProcessorCore;
    return cores;
}

class PlatformWindows : public Platform
{
public:
    CpuInfo cpuInfo() const override
    {
        constexpr const wchar_t* KEY = L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0";
        CpuInfo info;
        info.model = registryText(KEY, L"ProcessorNameString");
        info.logicalCores = ::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
        if (const unsigned cores = physicalCores())
            info.physicalCores = cores;
        DWORD megahertz = 0;
        DWORD size = sizeof megahertz;
        if (::RegGetValueW(HKEY_LOCAL_MACHINE, KEY, L"~MHz", RRF_RT_REG_DWORD, nullptr, &megahertz, &size) ==
            ERROR_SUCCESS)
            info.megahertz = megahertz;
        return info;
    }

    CpuReading cpu() const override
    {
        FILETIME idle = {};
        FILETIME kernel = {};
        FILETIME user = {};
        if (!::GetSystemTimes(&idle, &kernel, &user))
            throw Unavailable("The operating system does not tell its processor times.");
        CpuReading reading;
        reading.all.idle = toInteger(idle);
        // Kernel time includes idle time.
        reading.all.busy = toInteger(kernel) + toInteger(user) - toInteger(idle);
        return reading;
    }

    std::optional<Load> load() const override { return std::nullopt; }
    double uptimeSeconds() const override { return static_cast<double>(::GetTickCount64()) / 1000; }

    Memory memory() const override
    {
        MEMORYSTATUSEX status = {};
        status.dwLength = sizeof status;
        PERFORMANCE_INFORMATION performance = {};
        if (!::GlobalMemoryStatusEx(&status))
            throw Unavailable("The operating system does not tell its memory.");
        Memory memory;
        memory.total = status.ullTotalPhys;
        memory.available = status.ullAvailPhys;
        memory.free = status.ullAvailPhys;
        if (::GetPerformanceInfo(&performance, sizeof performance))
            memory.cached = static_cast<std::uint64_t>(performance.SystemCache) * performance.PageSize;
        // The page file's numbers are those of memory and swap together.
        if (status.ullTotalPageFile > status.ullTotalPhys)
            memory.swapTotal = status.ullTotalPageFile - status.ullTotalPhys;
        if (status.ullAvailPageFile > status.ullAvailPhys)
            memory.swapFree = std::min<std::uint64_t>(memory.swapTotal, status.ullAvailPageFile - status.ullAvailPhys);
        return memory;
    }

    std::vector<Disk> disks(bool network) const override
    {
        wchar_t drives[512] = {};
        ::GetLogicalDriveStringsW(511, drives);
        std::vector<Disk> disks;
        for (const wchar_t* drive = drives; *drive; drive += wcslen(drive) + 1)
        {
            const UINT type = ::GetDriveTypeW(drive);
            if (type != DRIVE_FIXED && type != DRIVE_REMOVABLE && !(network && type == DRIVE_REMOTE))
                continue;
            ULARGE_INTEGER available = {};
            ULARGE_INTEGER total = {};
            ULARGE_INTEGER free = {};
            wchar_t label[MAX_PATH + 1] = {};
            wchar_t fileSystem[MAX_PATH + 1] = {};
            DWORD flags = 0;
            if (!::GetDiskFreeSpaceExW(drive, &available, &total, &free) ||
                !::GetVolumeInformationW(drive, label, MAX_PATH, nullptr, nullptr, &flags, fileSystem, MAX_PATH))
                continue;
            Disk disk;
            disk.mount = {toUtf8(label), toUtf8(drive), toUtf8(fileSystem), (flags & FILE_READ_ONLY_VOLUME) != 0};
            disk.total = total.QuadPart;
            disk.free = free.QuadPart;
            disk.available = available.QuadPart;
            disks.push_back(std::move(disk));
        }
        return disks;
    }

    std::vector<Process> processes(bool) const override
    {
        const Handle snapshot(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
        PROCESSENTRY32W entry = {};
        entry.dwSize = sizeof entry;
        if (!snapshot || !::Process32FirstW(snapshot.get(), &entry))
            throw Unavailable("The operating system does not tell its processes to this server.");
        FILETIME now = {};
        ::GetSystemTimeAsFileTime(&now);
        std::vector<Process> processes;
        do
        {
            Process process;
            process.id = entry.th32ProcessID;
            process.parent = entry.th32ParentProcessID;
            process.name = toUtf8(entry.szExeFile);
            process.threads = entry.cntThreads;
            process.state = "running";
            addUse(toInteger(now), process);
            processes.push_back(std::move(process));
        } while (::Process32NextW(snapshot.get(), &entry));
        return processes;
    }

private:
    /// What may be asked about the process only with the right to open it.
    static void addUse(std::uint64_t now, Process& process)
    {
        const Handle handle(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(process.id)));
        if (!handle)
            return;
        FILETIME started = {};
        FILETIME ended = {};
        FILETIME kernel = {};
        FILETIME user = {};
        if (::GetProcessTimes(handle.get(), &started, &ended, &kernel, &user))
        {
            process.cpuSeconds = toSeconds(toInteger(kernel) + toInteger(user));
            process.ageSeconds = toInteger(started) < now ? toSeconds(now - toInteger(started)) : 0;
        }
        PROCESS_MEMORY_COUNTERS memory = {};
        if (::GetProcessMemoryInfo(handle.get(), &memory, sizeof memory))
            process.residentBytes = memory.WorkingSetSize;
        process.user = userOf(handle.get());
    }

    static std::string userOf(HANDLE process)
    {
        HANDLE raw = nullptr;
        if (!::OpenProcessToken(process, TOKEN_QUERY, &raw))
            return {};
        const Handle token(raw);
        alignas(TOKEN_USER) char buffer[512];
        DWORD size = 0;
        if (!::GetTokenInformation(token.get(), TokenUser, buffer, sizeof buffer, &size))
            return {};
        wchar_t name[257] = {};
        wchar_t domain[257] = {};
        DWORD nameSize = 257;
        DWORD domainSize = 257;
        SID_NAME_USE use = SidTypeUnknown;
        if (!::LookupAccountSidW(nullptr, reinterpret_cast<const TOKEN_USER*>(buffer)->User.Sid, name, &nameSize,
                                 domain, &domainSize, &use))
            return {};
        return toUtf8(name);
    }
};

} // namespace

std::unique_ptr<Platform> Platform::make()
{
    return std::make_unique<PlatformWindows>();
}

} // namespace tenon::sysinfo

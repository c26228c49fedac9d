#include "plugin/worker/child/Confinement.h"

#include "plugin/call/LoadException.h"

#include <string>

#include <windows.h>

namespace tenon::plugin
{

void limitWorker(const WorkerLimits& limits)
{
    if (limits.descriptors != 0)
        throw LoadException("limits.descriptors is not supported on this system");
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION information{};
    auto& basic = information.BasicLimitInformation;
    if (limits.memoryBytes != 0)
    {
        basic.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        information.ProcessMemoryLimit = static_cast<SIZE_T>(limits.memoryBytes);
    }
    if (limits.cpuSeconds != 0)
    {
        constexpr LONGLONG UNITS = 10'000'000; // of 100 ns
        basic.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_TIME;
        basic.PerProcessUserTimeLimit.QuadPart = static_cast<LONGLONG>(limits.cpuSeconds) * UNITS;
    }
    if (limits.processes != 0)
    {
        basic.LimitFlags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
        basic.ActiveProcessLimit = static_cast<DWORD>(limits.processes);
    }
    if (basic.LimitFlags == 0)
        return;
    // A job of this process's own, inside of the server's; its handle stays open as long as the process lives.
    const HANDLE job = CreateJobObjectW(nullptr, nullptr);
    if (!job || !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &information, sizeof information) ||
        !AssignProcessToJobObject(job, GetCurrentProcess()))
        throw LoadException("its limits cannot be set: error " + std::to_string(GetLastError()));
}

void confine(const Sandbox&)
{
    throw LoadException("its sandbox cannot be set up: this system has none that is supported");
}

} // namespace tenon::plugin

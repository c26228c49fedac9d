#include "plugin/worker/Confinement.h"

#include "plugin/LoadException.h"

#include <cerrno>
#include <cstring>

#include <sys/resource.h>

namespace tenon::plugin
{

void limitWorker(const WorkerLimits& limits)
{
    const auto set = [](auto resource, std::uint64_t value, const char* name) {
        if (value == 0)
            return;
        const rlimit limit{value, value};
        if (setrlimit(resource, &limit) != 0)
            throw LoadException(std::string("the system refuses the limit of ") + name + ": " + std::strerror(errno));
    };
    set(RLIMIT_AS, limits.memoryBytes, "memory");
    set(RLIMIT_CPU, limits.cpuSeconds, "processor time");
    set(RLIMIT_NOFILE, limits.descriptors, "descriptors");
    set(RLIMIT_NPROC, limits.processes, "processes");
}

void confine(const Sandbox&)
{
    throw LoadException("this system has no sandbox");
}

} // namespace tenon::plugin

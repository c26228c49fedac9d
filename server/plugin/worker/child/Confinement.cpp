#include "plugin/worker/child/Confinement.h"

#include "plugin/call/LoadException.h"
#include "plugin/worker/child/LandlockRules.h"
#include "plugin/worker/child/SystemCallFilter.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

// What a program needs to load libraries, know the time zone and draw random numbers.
constexpr std::array<const char*, 12> SYSTEM = {
    "/usr/lib",       "/usr/lib64",       "/usr/local/lib",     "/lib",         "/lib64",    "/usr/share/zoneinfo",
    "/etc/localtime", "/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/urandom", "/dev/zero", "/usr/share/locale"};
constexpr std::array<const char*, 4> PROGRAMS = {"/usr/bin", "/bin", "/usr/sbin", "/sbin"};
// What a program that speaks to others by name needs.
constexpr std::array<const char*, 7> NAMES = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
                                              "/etc/host.conf",   "/etc/gai.conf", "/etc/services",
                                              "/etc/ssl"};

/// An administrator's powers go, but for that to read what belongs to others, which Landlock bounds.
void dropCapabilities()
{
    for (unsigned long capability = 0; capability < 64; ++capability)
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0)
        return;
    constexpr std::uint32_t KEPT = 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH;
    // Who has none needs no call that a service manager may forbid.
    if ((data[0].permitted & ~KEPT) == 0 && data[1].permitted == 0)
        return;
    for (auto& part : data)
        part.inheritable = 0;
    data[0].effective &= KEPT;
    data[0].permitted &= KEPT;
    data[1].effective = data[1].permitted = 0;
    if (syscall(SYS_capset, &header, data.data()) != 0)
        throw LoadException(std::string("its sandbox cannot be set up: capabilities: ") + std::strerror(errno));
}

} // namespace

void limitWorker(const WorkerLimits& limits)
{
    const auto set = [](auto resource, std::uint64_t value, const char* name)
    {
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

void confine(const Sandbox& sandbox)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        throw LoadException(std::string("its sandbox cannot be set up: no_new_privs: ") + std::strerror(errno));
    LandlockRules rules(sandbox.network);
    // A program is run by its loader, which stands among the libraries.
    for (const char* path : SYSTEM)
        rules.allow(path, LandlockRules::READ | (sandbox.processes ? LandlockRules::EXECUTE : 0), false);
    rules.allow("/dev/null", LandlockRules::READ | LandlockRules::WRITE_FILE, false);
    if (sandbox.processes)
        for (const char* path : PROGRAMS)
            rules.allow(path, LandlockRules::READ | LandlockRules::EXECUTE, false);
    if (sandbox.network)
        for (const char* path : NAMES)
            rules.allow(path, LandlockRules::READ, false);
    for (const auto& path : sandbox.read)
        rules.allow(path, LandlockRules::READ | (sandbox.processes ? LandlockRules::EXECUTE : 0), true);
    for (const auto& path : sandbox.write)
        rules.allow(path, LandlockRules::WRITE, true);
    rules.enforce();
    dropCapabilities();
    filterSystemCalls(sandbox, rules.holdsTruncation());
}

} // namespace tenon::plugin

#include "plugin/worker/child/Confinement.h"

#include "plugin/call/LoadException.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::plugin
{

void filterSystemCalls(const Sandbox& sandbox); // SystemCallFilter.cpp

namespace
{

// Rights of files and folders in the order in which versions of Landlock learnt them; older headers lack the last ones.
constexpr std::uint64_t READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t VERSION_1 = (std::uint64_t(1) << 13) - 1;
constexpr std::uint64_t REFER = std::uint64_t(1) << 13;
constexpr std::uint64_t TRUNCATE = std::uint64_t(1) << 14;
constexpr std::uint64_t IOCTL_DEV = std::uint64_t(1) << 15;
constexpr std::uint64_t OF_FILES =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | TRUNCATE | IOCTL_DEV;

// What a program needs to load libraries, know the time zone and draw random numbers.
constexpr std::array<const char*, 12> SYSTEM = {
    "/usr/lib",       "/usr/lib64",       "/usr/local/lib",     "/lib",         "/lib64",    "/usr/share/zoneinfo",
    "/etc/localtime", "/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/urandom", "/dev/zero", "/usr/share/locale"};
constexpr std::array<const char*, 4> PROGRAMS = {"/usr/bin", "/bin", "/usr/sbin", "/sbin"};

[[noreturn]] void refuse(const std::string& what)
{
    throw LoadException("its sandbox cannot be set up: " + what);
}

/// A set of rules that is being filled.
class Ruleset
{
public:
    Ruleset()
    {
        const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
        if (version < 1)
            refuse(std::string("this system has no Landlock: ") + std::strerror(errno));
        _handled =
            VERSION_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
        landlock_ruleset_attr attributes{};
        attributes.handled_access_fs = _handled;
        // Only the member that every version knows.
        _descriptor =
            static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0));
        if (_descriptor < 0)
            refuse(std::string("Landlock: ") + std::strerror(errno));
    }
    ~Ruleset() { close(_descriptor); }
    Ruleset(const Ruleset&) = delete;
    Ruleset& operator=(const Ruleset&) = delete;

    /// Allows `rights` for `path` and what is below it. What is not there is nothing to allow, unless it is `required`.
    void allow(const std::string& path, std::uint64_t rights, bool required)
    {
        const int place = open(path.c_str(), O_PATH | O_CLOEXEC);
        if (place < 0)
        {
            if (required)
                refuse("there is no " + path);
            return;
        }
        struct stat status
        {
        };
        fstat(place, &status);
        landlock_path_beneath_attr rule{};
        rule.allowed_access = rights & _handled & (S_ISDIR(status.st_mode) ? ~std::uint64_t(0) : OF_FILES);
        rule.parent_fd = place;
        const long error = syscall(SYS_landlock_add_rule, _descriptor, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        close(place);
        if (error != 0)
            refuse(path + ": " + std::strerror(errno));
    }

    void enforce()
    {
        if (syscall(SYS_landlock_restrict_self, _descriptor, 0) != 0)
            refuse(std::string("Landlock: ") + std::strerror(errno));
    }

private:
    int _descriptor = -1;
    std::uint64_t _handled = 0;
};

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
        refuse(std::string("no_new_privs: ") + std::strerror(errno));
    Ruleset rules;
    for (const char* path : SYSTEM)
        rules.allow(path, READ, false);
    rules.allow("/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE, false);
    if (sandbox.processes)
        for (const char* path : PROGRAMS)
            rules.allow(path, READ | LANDLOCK_ACCESS_FS_EXECUTE, false);
    for (const auto& path : sandbox.read)
        rules.allow(path, READ | (sandbox.processes ? LANDLOCK_ACCESS_FS_EXECUTE : 0), true);
    for (const auto& path : sandbox.write)
        rules.allow(path, ~std::uint64_t(LANDLOCK_ACCESS_FS_EXECUTE), true);
    rules.enforce();
    filterSystemCalls(sandbox);
}

} // namespace tenon::plugin

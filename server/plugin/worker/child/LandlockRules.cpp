#include "plugin/worker/child/LandlockRules.h"

#include "plugin/call/LoadException.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

// Rights in the order in which versions of Landlock learnt them; older headers lack the last ones.
constexpr std::uint64_t VERSION_1 = (std::uint64_t(1) << 13) - 1;
constexpr std::uint64_t REFER = std::uint64_t(1) << 13;
constexpr std::uint64_t TRUNCATE = std::uint64_t(1) << 14;
constexpr std::uint64_t IOCTL_DEV = std::uint64_t(1) << 15;
constexpr std::uint64_t OF_FILES =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | TRUNCATE | IOCTL_DEV;
constexpr std::uint64_t BIND_TCP = 1, CONNECT_TCP = 2;
constexpr std::uint64_t ABSTRACT_SOCKETS = 1, SIGNALS = 2;

/// `landlock_ruleset_attr` as the newest kernel has it.
struct Attributes
{
    std::uint64_t files = 0;
    std::uint64_t network = 0; ///< from version 4
    std::uint64_t scoped = 0;  ///< from version 6: only what is confined likewise can be reached
};

[[noreturn]] void refuse(const std::string& what)
{
    throw LoadException("its sandbox cannot be set up: " + what);
}

std::size_t sizeFor(long version)
{
    if (version < 4)
        return offsetof(Attributes, network);
    return version < 6 ? offsetof(Attributes, scoped) : sizeof(Attributes);
}

} // namespace

const std::uint64_t LandlockRules::READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
const std::uint64_t LandlockRules::EXECUTE = LANDLOCK_ACCESS_FS_EXECUTE;
const std::uint64_t LandlockRules::WRITE_FILE = LANDLOCK_ACCESS_FS_WRITE_FILE;
const std::uint64_t LandlockRules::WRITE = ~std::uint64_t(LANDLOCK_ACCESS_FS_EXECUTE);

LandlockRules::LandlockRules(bool network)
    : _version(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION))
{
    if (_version < 1)
        refuse(std::string("this system has no Landlock: ") + std::strerror(errno));
    _handled =
        VERSION_1 | (_version >= 2 ? REFER : 0) | (_version >= 3 ? TRUNCATE : 0) | (_version >= 5 ? IOCTL_DEV : 0);
    const Attributes attributes{_handled, network ? 0 : BIND_TCP | CONNECT_TCP, ABSTRACT_SOCKETS | SIGNALS};
    _descriptor = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeFor(_version), 0));
    if (_descriptor < 0)
        refuse(std::string("Landlock: ") + std::strerror(errno));
}

LandlockRules::~LandlockRules()
{
    close(_descriptor);
}

void LandlockRules::allow(const std::string& path, std::uint64_t rights, bool required)
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

void LandlockRules::enforce()
{
    if (syscall(SYS_landlock_restrict_self, _descriptor, 0) != 0)
        refuse(std::string("Landlock: ") + std::strerror(errno));
}

} // namespace tenon::plugin

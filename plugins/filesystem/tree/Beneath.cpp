#include "filesystem/tree/Beneath.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

namespace tenon::filesystem
{

namespace
{

#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)
int openat2(int root, const char* path, int flags, mode_t mode)
{
    struct open_how how = {};
    how.flags = static_cast<unsigned long long>(flags | O_CLOEXEC);
    how.mode = flags & O_CREAT ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // The kernel gives EAGAIN when something was renamed under its feet and it cannot tell where a link leads.
    for (int tries = 0; tries < 64; ++tries)
    {
        const long fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return static_cast<int>(fd);
    }
    return -1;
}
#endif

/// Turns the several ways in which systems say "that is a link" into ELOOP.
int openComponent(int directory, const std::string& name, int flags, mode_t mode)
{
    const int fd = ::openat(directory, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0)
    {
        struct stat status = {};
        // With O_PATH a link itself is opened instead of refused.
        if (::fstat(fd, &status) != 0 || !S_ISLNK(status.st_mode))
            return fd;
        ::close(fd);
        errno = ELOOP;
        return -1;
    }
    const int error = errno;
    struct stat status = {};
    if ((error == ENOTDIR || error == EMLINK) &&
        ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode))
        errno = ELOOP;
    else
        errno = error;
    return -1;
}

Descriptor walk(int root, const std::string& relative, int flags, mode_t mode)
{
    Descriptor directory;
    int current = root;
    std::size_t at = 0;
    while (true)
    {
        const std::size_t slash = relative.find('/', at);
        if (slash == std::string::npos)
            return Descriptor(openComponent(current, relative.empty() ? "." : relative.substr(at), flags, mode));
        directory = Descriptor(openComponent(current, relative.substr(at, slash - at), SEARCH_DIRECTORY, 0));
        if (!directory)
            return directory;
        current = directory.get();
        at = slash + 1;
    }
}

} // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    if (this != &other)
    {
        if (_fd >= 0)
        {
            const int error = errno;
            ::close(_fd);
            errno = error;
        }
        _fd = other.release();
    }
    return *this;
}

Descriptor::~Descriptor()
{
    if (_fd >= 0)
    {
        const int error = errno;
        ::close(_fd);
        errno = error;
    }
}

Confinement confinement([[maybe_unused]] int root)
{
#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)
    if (const Descriptor probe{openat2(root, ".", O_PATH | O_DIRECTORY, 0)})
        return Confinement::OPENAT2;
#endif
    return Confinement::WALK;
}

Descriptor openBeneath(int root, const std::string& relative, int flags, mode_t mode, [[maybe_unused]] Confinement how)
{
#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)
    if (how == Confinement::OPENAT2)
        return Descriptor(openat2(root, relative.empty() ? "." : relative.c_str(), flags, mode));
#endif
    return walk(root, relative, flags, mode);
}

} // namespace tenon::filesystem

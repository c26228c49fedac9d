#pragma once

#include <string>

#include <fcntl.h>
#include <sys/types.h>

/// POSIX: opens by a path that cannot lead out of a directory.

namespace tenon::filesystem
{

/// A file descriptor and its owner.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : _fd(fd) {}
    Descriptor(Descriptor&& other) noexcept : _fd(other.release()) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int get() const { return _fd; }
    explicit operator bool() const { return _fd >= 0; }
    int release()
    {
        const int fd = _fd;
        _fd = -1;
        return fd;
    }

private:
    int _fd = -1;
};

/// For a directory of which only entries are wanted; needs no right to list it.
#if defined(O_PATH)
constexpr int SEARCH_DIRECTORY = O_PATH | O_DIRECTORY;
#else
constexpr int SEARCH_DIRECTORY = O_RDONLY | O_DIRECTORY;
#endif

/// How the operating system lets a path be confined.
enum class Confinement
{
    OPENAT2, ///< Linux 5.6: the kernel refuses every step out, links inside are followed
    WALK     ///< one component at a time, every link is refused
};

/// What this system offers; asked once, since sandboxes forbid openat2 to a whole process.
Confinement confinement(int root);

/// Opens `relative` ("" is the directory itself) beneath the directory `root`.
///
/// Shape:     the descriptor is empty on failure and `errno` tells: EXDEV (a link leads out), ELOOP (a link, and links
///            are refused here), or what openat gives.
/// Threading: any thread; safe against renames and links made meanwhile.
Descriptor openBeneath(int root, const std::string& relative, int flags, mode_t mode, Confinement how);

} // namespace tenon::filesystem

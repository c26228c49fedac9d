#include "filesystem/tree/PosixErrors.h"
#include "filesystem/tree/TreePosix.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

/// The half of TreePosix that changes things.

namespace tenon::filesystem
{

namespace
{

constexpr mode_t NEW_FILE_MODE = 0666;
constexpr mode_t NEW_DIRECTORY_MODE = 0777;

void writeAll(int fd, const std::string& data, const std::string& shown)
{
    std::size_t done = 0;
    while (done < data.size())
    {
        const ssize_t count = ::write(fd, data.data() + done, data.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw failureOf(errno, shown, "written");
        done += static_cast<std::size_t>(count);
    }
}

std::string temporaryName()
{
    std::random_device device;
    char name[40];
    std::snprintf(name, sizeof name, ".tenon-%08x%08x.tmp", static_cast<unsigned>(device()),
                  static_cast<unsigned>(device()));
    return name;
}

[[noreturn]] void refuseExisting(const std::string& shown)
{
    throw Failure(Reason::NOT_ALLOWED,
                  shown + " exists already. Choose the mode 'replace' or 'append', or another name.");
}

[[noreturn]] void refuseLink(const std::string& shown)
{
    throw Failure(Reason::WRONG_KIND, shown + " is a symbolic link; write to the file it leads to.");
}

} // namespace

void TreePosix::write(const std::string& relative, const std::string& shown, const std::string& data,
                      WriteMode mode) const
{
    if (relative.empty())
        throw Failure(Reason::WRONG_KIND, shown + " is a directory; name a file in it.");
    std::string name;
    const Descriptor parent = openParent(relative, shown, name);
    struct stat status = {};
    const bool exists = ::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && mode == WriteMode::CREATE)
        refuseExisting(shown);
    if (exists && S_ISLNK(status.st_mode))
        refuseLink(shown);
    if (exists && S_ISDIR(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is a directory; name a file in it.");
    if (exists && !S_ISREG(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not written.");
    // Replacing a file needs no right to the file itself, only to its directory: a file made read-only stays as it is.
    if (exists && ::faccessat(parent.get(), name.c_str(), W_OK, 0) != 0)
        throw failureOf(errno, shown, "written");

    // Somebody else may make the file meanwhile, whatever was seen above.
    if (mode == WriteMode::REPLACE && exists)
        replace(parent.get(), name, shown, data);
    else if (!append(parent.get(), name, shown, data, mode != WriteMode::APPEND))
    {
        if (mode == WriteMode::CREATE)
            refuseExisting(shown);
        replace(parent.get(), name, shown, data);
    }
}

/// Writes beside the file, then takes its place.
void TreePosix::replace(int directory, const std::string& name, const std::string& shown, const std::string& data) const
{
    struct stat old = {};
    if (::fstatat(directory, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0)
        throw failureOf(errno, shown, "written");
    if (!S_ISREG(old.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not written.");
    const std::string temporary = temporaryName();
    Descriptor file(::openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file)
        throw failureOf(errno, shown, "written");
    try
    {
        writeAll(file.get(), data, shown);
        // Another owner's file keeps its owner where we may give files away, else it becomes ours.
        [[maybe_unused]] const int ignored = ::fchown(file.get(), old.st_uid, old.st_gid);
        if (::fchmod(file.get(), old.st_mode & 0777) != 0 || ::fsync(file.get()) != 0 ||
            ::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0)
            throw failureOf(errno, shown, "written");
    }
    catch (...)
    {
        ::unlinkat(directory, temporary.c_str(), 0);
        throw;
    }
}

/// Appends to the file, which is made if it does not exist. False if it exists and `mustBeNew`.
bool TreePosix::append(int directory, const std::string& name, const std::string& shown, const std::string& data,
                       bool mustBeNew) const
{
    const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    bool made = false;
    Descriptor file(::openat(directory, name.c_str(), flags | O_CREAT | O_EXCL, NEW_FILE_MODE));
    if (file)
        made = true;
    else if (errno == EEXIST && mustBeNew)
        return false;
    else if (errno == EEXIST)
        file = Descriptor(::openat(directory, name.c_str(), flags));
    struct stat status = {};
    if (!file || ::fstat(file.get(), &status) != 0)
    {
        if (errno == ELOOP)
            refuseLink(shown);
        throw failureOf(errno, shown, "written");
    }
    if (!S_ISREG(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not written.");
    try
    {
        writeAll(file.get(), data, shown);
    }
    catch (...)
    {
        // Half of a new file is worse than none; a file that was there loses only what was appended.
        if (made)
            ::unlinkat(directory, name.c_str(), 0);
        else if (::ftruncate(file.get(), status.st_size) != 0)
            throw Failure(Reason::FAILED, shown + " was written in part only.");
        throw;
    }
    return true;
}

namespace
{

/// Renames, but never onto something. Where the system cannot promise that, it is looked at before.
int renameToNew(int from, const char* name, int to, const char* newName)
{
#if defined(__linux__) && defined(RENAME_NOREPLACE)
    const int result = ::renameat2(from, name, to, newName, RENAME_NOREPLACE);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS))
        return result;
#endif
    struct stat status = {};
    if (::fstatat(to, newName, &status, AT_SYMLINK_NOFOLLOW) == 0)
    {
        errno = EEXIST;
        return -1;
    }
    return ::renameat(from, name, to, newName);
}

} // namespace

void TreePosix::move(const std::string& relative, const std::string& shown, const Tree& target,
                     const std::string& targetRelative, const std::string& targetShown) const
{
    // All trees of one system are of one class.
    const auto& other = static_cast<const TreePosix&>(target);
    if (relative.empty() || targetRelative.empty())
        throw Failure(Reason::NOT_ALLOWED, "An allowed directory itself is neither moved nor replaced.");
    std::string name;
    std::string newName;
    const Descriptor from = openParent(relative, shown, name);
    const Descriptor to = other.openParent(targetRelative, targetShown, newName);
    if (renameToNew(from.get(), name.c_str(), to.get(), newName.c_str()) == 0)
        return;
    switch (errno)
    {
    case EXDEV:
        throw Failure(Reason::FAILED,
                      targetShown + " lies on another file system than " + shown +
                          ": nothing is moved from one to the other. Write it there, then delete it here.");
    case EINVAL:
        throw Failure(Reason::INVALID, shown + " cannot be moved into itself.");
    case EEXIST:
    case ENOTEMPTY:
        throw Failure(Reason::NOT_ALLOWED,
                      targetShown + " exists already. Choose another name; nothing is overwritten.");
    default:
        throw failureOf(errno, shown, "moved");
    }
}

void TreePosix::remove(const std::string& relative, const std::string& shown) const
{
    if (relative.empty())
        throw Failure(Reason::NOT_ALLOWED, shown + " is an allowed directory itself and is not deleted.");
    std::string name;
    const Descriptor parent = openParent(relative, shown, name);
    struct stat status = {};
    if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::unlinkat(parent.get(), name.c_str(), S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) != 0)
    {
        if (errno == ENOTEMPTY || errno == EEXIST)
            throw Failure(Reason::NOT_ALLOWED, shown + " is not empty. Set recursive to delete what it holds, too.");
        throw failureOf(errno, shown, "deleted");
    }
}

void TreePosix::makeDirectories(const std::string& relative, const std::string& shown) const
{
    std::size_t end = 0;
    while (end < relative.size())
    {
        end = std::min(relative.find('/', end + 1), relative.size());
        const std::string path = relative.substr(0, end);
        std::string name;
        const Descriptor parent = openParent(path, shown, name);
        if (::mkdirat(parent.get(), name.c_str(), NEW_DIRECTORY_MODE) != 0 && errno != EEXIST)
            throw failureOf(errno, shown, "made");
    }
}

} // namespace tenon::filesystem

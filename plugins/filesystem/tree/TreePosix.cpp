#include "filesystem/tree/TreePosix.h"

#include "filesystem/tree/PosixErrors.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tenon::filesystem
{

namespace
{

// O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. O_NOCTTY: a terminal must not become ours.
constexpr int READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY;

Info toInfo(const struct stat& status)
{
    Info info;
    if (S_ISREG(status.st_mode))
        info.kind = Kind::FILE;
    else if (S_ISDIR(status.st_mode))
        info.kind = Kind::DIRECTORY;
    else if (S_ISLNK(status.st_mode))
        info.kind = Kind::LINK;
    info.link = S_ISLNK(status.st_mode);
    info.bytes = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
#if defined(__APPLE__)
    const timespec& modified = status.st_mtimespec;
#else
    const timespec& modified = status.st_mtim;
#endif
    info.modifiedNs = static_cast<std::int64_t>(modified.tv_sec) * 1'000'000'000 + modified.tv_nsec;
    info.permissions = status.st_mode & 0777;
    return info;
}

Identity toIdentity(const struct stat& status)
{
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

Identity identityOfOpen(int directory)
{
    struct stat status = {};
    return ::fstat(directory, &status) == 0 ? toIdentity(status) : Identity();
}

class PosixFile : public OpenFile
{
public:
    PosixFile(Descriptor fd, const Info& info, std::string shown)
        : _fd(std::move(fd)), _info(info), _shown(std::move(shown))
    {
    }

    const Info& info() const override { return _info; }

    std::string read(std::uint64_t offset, std::size_t size) const override
    {
        std::string data(size, '\0');
        std::size_t done = 0;
        while (done < size)
        {
            const ssize_t count = ::pread(_fd.get(), &data[done], size - done, static_cast<off_t>(offset + done));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                throw failureOf(errno, _shown, "read");
            if (count == 0)
                break;
            done += static_cast<std::size_t>(count);
        }
        data.resize(done);
        return data;
    }

private:
    const Descriptor _fd;
    const Info _info;
    const std::string _shown;
};

std::string join(const std::string& directory, const std::string& name)
{
    return directory.empty() ? name : directory + "/" + name;
}

struct CloseDirectory
{
    void operator()(DIR* directory) const { ::closedir(directory); }
};

} // namespace

std::unique_ptr<Tree> Tree::make(const std::string& path)
{
    std::unique_ptr<TreePosix> tree = TreePosix::make(path, Confinement::OPENAT2);
    return tree;
}

std::unique_ptr<TreePosix> TreePosix::make(const std::string& path, Confinement how)
{
    const std::unique_ptr<char, decltype(&std::free)> canonical(::realpath(path.c_str(), nullptr), &std::free);
    if (!canonical)
        throw failureOf(errno, path, "opened");
    Descriptor root(::open(canonical.get(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root)
        throw failureOf(errno, path, "opened");
    std::string name(canonical.get());
    if (name == "/")
        name.clear();
    if (how == Confinement::OPENAT2)
        how = confinement(root.get());
    return std::make_unique<TreePosix>(std::move(name), std::move(root), how);
}

std::optional<Identity> Tree::identityOf(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return std::nullopt;
    return toIdentity(status);
}

TreePosix::TreePosix(std::string path, Descriptor root, Confinement how)
    : _path(std::move(path)), _root(std::move(root)), _how(how), _identity(identityOfOpen(_root.get()))
{
}

/// Opens beneath the root. The kernel refuses every absolute link, also one that leads back inside: where the path leads
/// is then found out by name, and opened from the root, so that whatever changes meanwhile, nothing outside is reached.
Descriptor TreePosix::openInside(const std::string& relative, int flags) const
{
    Descriptor opened = openBeneath(_root.get(), relative, flags, 0, _how);
    if (opened || errno != EXDEV || !followsLinks())
        return opened;
    const std::unique_ptr<char, decltype(&std::free)> target(::realpath((_path + "/" + relative).c_str(), nullptr),
                                                             &std::free);
    const std::string inside = _path + "/";
    if (!target || std::strncmp(target.get(), inside.c_str(), inside.size()) != 0)
    {
        errno = EXDEV;
        return opened;
    }
    return openBeneath(_root.get(), target.get() + inside.size(), flags, 0, _how);
}

Descriptor TreePosix::openPath(const std::string& relative) const
{
#if defined(O_PATH)
    return openInside(relative, O_PATH);
#else
    return openInside(relative, READ_FLAGS);
#endif
}

/// The directory that holds the last component of `relative`, which becomes `name`.
Descriptor TreePosix::openParent(const std::string& relative, const std::string& shown, std::string& name) const
{
    const std::size_t slash = relative.rfind('/');
    name = slash == std::string::npos ? relative : relative.substr(slash + 1);
    Descriptor parent =
        openInside(slash == std::string::npos ? std::string() : relative.substr(0, slash), SEARCH_DIRECTORY);
    if (!parent)
        throw failureOf(errno, shown, "reached");
    return parent;
}

Info TreePosix::describe(int directory, const std::string& name, const std::string& relative, bool details) const
{
    struct stat status = {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return Info();
    Info info = toInfo(status);
    if (!info.link || !details || !followsLinks())
        return info;
    const Descriptor target = openPath(relative);
    if (target && ::fstat(target.get(), &status) == 0)
    {
        info = toInfo(status);
        info.link = true;
    }
    return info;
}

Info TreePosix::stat(const std::string& relative, const std::string& shown) const
{
    struct stat status = {};
    if (relative.empty())
    {
        if (::fstat(_root.get(), &status) != 0)
            throw failureOf(errno, shown, "read");
        return toInfo(status);
    }
    std::string name;
    const Descriptor parent = openParent(relative, shown, name);
    if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        throw failureOf(errno, shown, "found");
    return describe(parent.get(), name, relative, true);
}

std::unique_ptr<OpenFile> TreePosix::open(const std::string& relative, const std::string& shown) const
{
    struct stat status = {};
    // Looked at before it is opened: opening a device can make it do something.
    const Descriptor seen = openPath(relative);
    if (!seen || ::fstat(seen.get(), &status) != 0)
        throw failureOf(errno, shown, "opened");
    if (S_ISDIR(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is a directory. Use filesystem_list to see what it holds.");
    if (!S_ISREG(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is not a regular file (a pipe, socket or device) and is not read.");
    Descriptor file = openInside(relative, READ_FLAGS);
    if (!file || ::fstat(file.get(), &status) != 0)
        throw failureOf(errno, shown, "opened");
    if (!S_ISREG(status.st_mode))
        throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not read.");
    return std::make_unique<PosixFile>(std::move(file), toInfo(status), shown);
}

std::vector<Item> TreePosix::list(const std::string& relative, const std::string& shown, bool details,
                                  std::size_t limit) const
{
    Descriptor fd = openInside(relative, O_RDONLY | O_DIRECTORY);
    if (!fd)
        throw failureOf(errno, shown, "listed");
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd.get()));
    if (!directory)
        throw failureOf(errno, shown, "listed");
    const int number = fd.release();

    std::vector<Item> items;
    while (items.size() < limit)
    {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (!entry)
        {
            if (errno != 0)
                throw failureOf(errno, shown, "listed");
            break;
        }
        const std::string name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        Info info;
        if (!details && entry->d_type == DT_REG)
            info.kind = Kind::FILE;
        else if (!details && entry->d_type == DT_DIR)
            info.kind = Kind::DIRECTORY;
        else
            info = describe(number, name, join(relative, name), details);
        items.push_back({name, info});
    }
    return items;
}

std::string TreePosix::watchablePath([[maybe_unused]] const std::string& relative,
                                     [[maybe_unused]] const std::string& shown,
                                     [[maybe_unused]] std::shared_ptr<void>& keep) const
{
#if defined(__linux__)
    auto fd = std::make_shared<Descriptor>(openInside(relative, SEARCH_DIRECTORY));
    if (!*fd)
        throw failureOf(errno, shown, "watched");
    keep = fd;
    return "/proc/self/fd/" + std::to_string(fd->get());
#else
    return std::string();
#endif
}

} // namespace tenon::filesystem

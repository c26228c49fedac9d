#include "app/process/PidFile.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Process.h>

#include <charconv>
#include <cstdio>
#include <iterator>

#if !defined(_WIN32)
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tenon::app
{

namespace
{

#if !defined(_WIN32)
[[noreturn]] void cannotWrite(const std::string& path)
{
    throw Poco::FileException("the pidfile cannot be written: " + path + ": " + Poco::Error::getMessage(errno));
}

long numberIn(int descriptor)
{
    char text[32];
    const ssize_t size = pread(descriptor, text, sizeof text, 0);
    long number = 0;
    if (size > 0)
        std::from_chars(text, text + size, number);
    return number;
}

/// Whether `path` still names the file that is open.
bool names(const std::string& path, int descriptor)
{
    struct stat open
    {
    }, there{};
    return fstat(descriptor, &open) == 0 && stat(path.c_str(), &there) == 0 && open.st_dev == there.st_dev &&
           open.st_ino == there.st_ino;
}
#endif

} // namespace

#if defined(_WIN32)

PidFile::PidFile(const std::string& path) : _path(path)
{
    Poco::FileOutputStream file(path);
    file << Poco::Process::id() << "\n";
    _there = true;
}

void PidFile::lock() {}

PidFile::~PidFile()
{
    remove();
}

void PidFile::remove() noexcept
{
    if (_there)
        std::remove(_path.c_str());
    _there = false;
}

std::optional<PidFile::Holder> PidFile::look(const std::string& path)
{
    if (!Poco::File(path).exists())
        return std::nullopt;
    Holder holder;
    Poco::FileInputStream(path) >> holder.pid;
    holder.lives = holder.pid > 0 && Poco::Process::isRunning(static_cast<Poco::Process::PID>(holder.pid));
    return holder;
}

#else

PidFile::PidFile(const std::string& path) : _path(path)
{
    lock();
    const std::string text = std::to_string(getpid()) + "\n";
    if (ftruncate(_descriptor, 0) != 0 || pwrite(_descriptor, text.data(), text.size(), 0) < 0)
    {
        close(_descriptor);
        cannotWrite(path);
    }
    _there = true;
}

void PidFile::lock()
{
    for (;;)
    {
        _descriptor = open(_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (_descriptor < 0)
            cannotWrite(_path);
        if (flock(_descriptor, LOCK_EX | LOCK_NB) != 0)
        {
            const long other = numberIn(_descriptor);
            const bool held = errno == EWOULDBLOCK;
            close(_descriptor);
            if (!held)
                cannotWrite(_path);
            throw Poco::FileException("a server is running already: process " + std::to_string(other) + " holds " +
                                      _path);
        }
        if (names(_path, _descriptor))
            return;
        close(_descriptor); // its owner removed it between the two steps
    }
}

PidFile::~PidFile()
{
    remove();
    close(_descriptor);
}

void PidFile::remove() noexcept
{
    if (_there)
        std::remove(_path.c_str());
    _there = false;
}

std::optional<PidFile::Holder> PidFile::look(const std::string& path)
{
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT)
        return std::nullopt;
    if (descriptor < 0)
        throw Poco::FileException(path + ": " + Poco::Error::getMessage(errno));
    Holder holder;
    holder.pid = numberIn(descriptor);
    holder.lives = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return holder;
}

#endif

} // namespace tenon::app

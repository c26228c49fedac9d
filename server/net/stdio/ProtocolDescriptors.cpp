#include "net/stdio/ProtocolDescriptors.h"

#include <Poco/Exception.h>

#include <cerrno>
#include <csignal>
#include <utility>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif

namespace tenon::net
{

#if defined(_WIN32)

ProtocolDescriptors ProtocolDescriptors::takeStandard()
{
    const int in = ::_dup(0);
    const int out = ::_dup(1);
    if (in < 0 || out < 0)
        throw Poco::SystemException("standard input and output must be open for --stdio", errno);
    ::_setmode(in, _O_BINARY);
    ::_setmode(out, _O_BINARY);
    const int nothing = ::_open("NUL", _O_RDONLY);
    if (nothing >= 0)
    {
        ::_dup2(nothing, 0);
        ::_close(nothing);
    }
    ::_dup2(2, 1);
    ::SetStdHandle(STD_OUTPUT_HANDLE, ::GetStdHandle(STD_ERROR_HANDLE));
    return {in, out};
}

long ProtocolDescriptors::read(char* buffer, unsigned long room) const
{
    return ::_read(_in, buffer, static_cast<unsigned>(room));
}

bool ProtocolDescriptors::write(const char* data, unsigned long size) const
{
    while (size > 0)
    {
        const int written = ::_write(_out, data, static_cast<unsigned>(size));
        if (written <= 0)
            return false;
        data += written;
        size -= static_cast<unsigned long>(written);
    }
    return true;
}

ProtocolDescriptors::ProtocolDescriptors(int in, int out) : _in(in), _out(out) {}

void ProtocolDescriptors::interrupt() const {}

ProtocolDescriptors::~ProtocolDescriptors()
{
    if (_in >= 0)
        ::_close(_in);
    if (_out >= 0)
        ::_close(_out);
}

#else

ProtocolDescriptors ProtocolDescriptors::takeStandard()
{
    // Above the standard three, and not for child processes.
    const int in = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    const int out = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (in < 0 || out < 0)
        throw Poco::SystemException("standard input and output must be open for --stdio", errno);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || ::dup2(nothing, 0) < 0)
        throw Poco::SystemException("cannot set standard input aside", errno);
    // Without a standard error, what is printed goes nowhere.
    if (::dup2(::fcntl(2, F_GETFD) < 0 ? nothing : 2, 1) < 0)
        throw Poco::SystemException("cannot set standard output aside", errno);
    ::close(nothing);
    // A client that has gone is an error of write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    return {in, out};
}

long ProtocolDescriptors::read(char* buffer, unsigned long room) const
{
    for (;;)
    {
        pollfd watched[2] = {{_in, POLLIN, 0}, {_wake[0], POLLIN, 0}};
        if (::poll(watched, 2, -1) < 0 && errno != EINTR)
            return -1;
        if (watched[1].revents != 0)
            return -1;
        if (watched[0].revents == 0)
            continue;
        const ssize_t got = ::read(_in, buffer, room);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return static_cast<long>(got);
    }
}

void ProtocolDescriptors::interrupt() const
{
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(_wake[1], &byte, 1);
}

ProtocolDescriptors::ProtocolDescriptors(int in, int out) : _in(in), _out(out)
{
    if (::pipe(_wake) != 0)
        throw Poco::SystemException("cannot create a pipe", errno);
    for (const int end : _wake)
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

bool ProtocolDescriptors::write(const char* data, unsigned long size) const
{
    while (size > 0)
    {
        const ssize_t written = ::write(_out, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        {
            // The client's end of the pipe may be non-blocking, and so is this one then.
            pollfd watched{_out, POLLOUT, 0};
            if (::poll(&watched, 1, -1) < 0 && errno != EINTR)
                return false;
            continue;
        }
        if (written <= 0)
            return false;
        data += written;
        size -= static_cast<unsigned long>(written);
    }
    return true;
}

ProtocolDescriptors::~ProtocolDescriptors()
{
    if (_in >= 0)
        ::close(_in);
    if (_out >= 0)
        ::close(_out);
    for (const int end : _wake)
        if (end >= 0)
            ::close(end);
}

#endif

ProtocolDescriptors::ProtocolDescriptors(ProtocolDescriptors&& other) noexcept
{
    *this = std::move(other);
}

ProtocolDescriptors& ProtocolDescriptors::operator=(ProtocolDescriptors&& other) noexcept
{
    std::swap(_in, other._in);
    std::swap(_out, other._out);
    std::swap(_wake, other._wake);
    return *this;
}

} // namespace tenon::net

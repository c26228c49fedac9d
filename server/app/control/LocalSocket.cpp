#include "app/control/LocalSocket.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::app
{

namespace
{

constexpr std::size_t LONGEST_LINE = 16 * 1024 * 1024;

[[noreturn]] void fail(const std::string& path)
{
    throw Poco::IOException(path, Poco::Error::getMessage(errno));
}

LocalSocket make(const std::string& path, sockaddr_un& address)
{
    if (path.size() >= sizeof address.sun_path)
        throw Poco::IOException(path, "the path is too long for a local socket");
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    LocalSocket made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (made.descriptor() < 0)
        fail(path);
    return made;
}

/// Waits until there is something to read, or the other side has gone; false if neither happens in time.
bool awaitInput(int descriptor, std::chrono::steady_clock::time_point until)
{
    for (;;)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() < 0)
            return false;
        pollfd ready{descriptor, POLLIN, 0};
        const int count = poll(&ready, 1, static_cast<int>(left.count()));
        if (count > 0)
            return true;
        if (count == 0 || errno != EINTR)
            return false;
    }
}

} // namespace

LocalSocket::~LocalSocket()
{
    if (_descriptor >= 0)
        close(_descriptor);
}

LocalSocket::LocalSocket(LocalSocket&& other) noexcept : _descriptor(std::exchange(other._descriptor, -1)) {}

LocalSocket& LocalSocket::operator=(LocalSocket&& other) noexcept
{
    std::swap(_descriptor, other._descriptor);
    return *this;
}

LocalSocket LocalSocket::connect(const std::string& path)
{
    sockaddr_un address{};
    LocalSocket made = make(path, address);
    if (::connect(made._descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail(path);
    struct stat is
    {
    };
    const auto folder = path.substr(0, path.rfind('/'));
    if (stat(folder.c_str(), &is) != 0 || !(made.isOf(is.st_uid) || made.isOf(0)))
        throw Poco::IOException(path, "the socket belongs to another user than its folder");
    return made;
}

LocalSocket LocalSocket::listen(const std::string& path)
{
    sockaddr_un address{};
    LocalSocket made = make(path, address);
    unlink(path.c_str());
    if (bind(made._descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(made._descriptor, 8) != 0)
        fail(path);
    return made;
}

LocalSocket LocalSocket::accept() const
{
    LocalSocket made(::accept4(_descriptor, nullptr, nullptr, SOCK_CLOEXEC));
    if (made._descriptor < 0)
        fail("a connection to the control socket");
    return made;
}

bool LocalSocket::peerMayCommand() const
{
    return isOf(geteuid()) || isOf(0);
}

/// Whether the process at the other end runs as `user`, or did when it began to listen.
bool LocalSocket::isOf(uid_t user) const
{
#if defined(__linux__)
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(_descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == user;
#else
    uid_t other = 0;
    gid_t group = 0;
    return getpeereid(_descriptor, &other, &group) == 0 && other == user;
#endif
}

std::string LocalSocket::readLine(std::chrono::milliseconds patience) const
{
    const auto until = std::chrono::steady_clock::now() + patience;
    std::string line;
    char buffer[4096];
    while (line.size() < LONGEST_LINE && awaitInput(_descriptor, until))
    {
        const ssize_t size = recv(_descriptor, buffer, sizeof buffer, 0);
        if (size <= 0)
            break;
        line.append(buffer, static_cast<std::size_t>(size));
        if (const auto end = line.find('\n'); end != std::string::npos)
            return line.substr(0, end);
    }
    return {};
}

bool LocalSocket::writeLine(std::string_view line) const
{
    const std::string bytes = std::string(line) + '\n';
    std::size_t done = 0;
    while (done < bytes.size())
    {
        const ssize_t size = send(_descriptor, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (size < 0 && errno != EINTR)
            return false;
        done += size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    return true;
}

bool LocalSocket::awaitEnd(std::chrono::milliseconds patience) const
{
    const auto until = std::chrono::steady_clock::now() + patience;
    char byte = 0;
    while (awaitInput(_descriptor, until))
        if (recv(_descriptor, &byte, 1, 0) <= 0)
            return true;
    return false;
}

} // namespace tenon::app

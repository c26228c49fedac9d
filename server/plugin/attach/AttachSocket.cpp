#include "plugin/attach/AttachSocket.h"

#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include <csignal>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

constexpr int BACKLOG = 64;
constexpr std::size_t NAME_SPACE = 16 * 1024; // for what the system says about a user or a group

sockaddr_un addressOf(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw LoadException("attach.socket: " + path + " is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

int openSocket()
{
    const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        throw LoadException(std::string("attach.socket: no socket: ") + std::strerror(errno));
    return made;
}

/// Removes a socket that a server left behind.
void makeWay(const std::string& path, const sockaddr_un& address)
{
    struct stat there
    {
    };
    if (lstat(path.c_str(), &there) != 0)
        return;
    if (!S_ISSOCK(there.st_mode))
        throw LoadException("attach.socket: " + path + " is there, and is no socket");
    const int probe = openSocket();
    const bool answers = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    if (answers)
        throw LoadException("attach.socket: another server listens at " + path);
    unlink(path.c_str());
}

void setGroup(const std::string& path, const std::string& group)
{
    std::array<char, NAME_SPACE> space;
    struct group entry
    {
    };
    struct group* found = nullptr;
    if (group.empty() || getgrnam_r(group.c_str(), &entry, space.data(), space.size(), &found) != 0 || !found)
        return;
    if (chown(path.c_str(), static_cast<uid_t>(-1), entry.gr_gid) != 0)
        logOfPlugin("attach", TENON_LOG_WARNING,
                    path + " cannot be given to the group '" + group + "': " + std::strerror(errno));
}

} // namespace

AttachSocket::AttachSocket(const std::string& path, const std::string& group) : _path(path)
{
    const sockaddr_un address = addressOf(path);
    try
    {
        Poco::File(Poco::Path(path).parent()).createDirectories();
    }
    catch (const Poco::Exception& exc)
    {
        throw LoadException("attach.socket: the folder of " + path + " cannot be made: " + exc.displayText());
    }
    makeWay(path, address);
    _descriptor = openSocket();
    // Nobody gets in before the mode is what it has to be.
    const mode_t before = umask(0177);
    const bool bound = bind(_descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int error = errno;
    umask(before);
    if (bound)
        setGroup(path, group);
    if (!bound || chmod(path.c_str(), 0660) != 0 || listen(_descriptor, BACKLOG) != 0)
    {
        const std::string why = std::strerror(bound ? errno : error);
        close(_descriptor);
        throw LoadException("attach.socket: cannot listen at " + path + ": " + why);
    }
}

AttachSocket::~AttachSocket()
{
    close(_descriptor);
    unlink(_path.c_str());
}

int AttachSocket::accept(int timeoutMs, AttachPeer::Process& process)
{
    pollfd ready{_descriptor, POLLIN, 0};
    if (poll(&ready, 1, timeoutMs) <= 0)
        return -1;
    const int made = accept4(_descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (made < 0)
    {
        // No descriptor left: the connection waits, and is not asked about again at once.
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            std::this_thread::sleep_for(std::chrono::milliseconds(timeoutMs));
        return -1;
    }
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(made, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    {
        close(made);
        return -1;
    }
    process = {peer.pid, peer.uid};
    return made;
}

bool processExists(std::int64_t id)
{
    return kill(static_cast<pid_t>(id), 0) == 0 || errno != ESRCH;
}

std::optional<std::uint32_t> userNumber(const std::string& user)
{
    unsigned number = 0;
    if (Poco::NumberParser::tryParseUnsigned(user, number))
        return number;
    std::array<char, NAME_SPACE> space;
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(user.c_str(), &entry, space.data(), space.size(), &found) != 0 || !found)
        return {};
    return found->pw_uid;
}

} // namespace tenon::plugin

#include "plugin/attach/AttachListener.h"

#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

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
constexpr auto PAUSE_WITHOUT_DESCRIPTORS = std::chrono::milliseconds(50);
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
        throw LoadException("attach.socket: " + path + " exists and is not a socket");
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
    if (group.empty())
        return;
    if (getgrnam_r(group.c_str(), &entry, space.data(), space.size(), &found) != 0 || !found)
        logOfPlugin("attach", TENON_LOG_NOTICE,
                    "attach.group: there is no group '" + group + "', so that " + path + " keeps the server's own");
    else if (chown(path.c_str(), static_cast<uid_t>(-1), entry.gr_gid) != 0)
        logOfPlugin("attach", TENON_LOG_WARNING,
                    path + " cannot be given to the group '" + group + "': " + std::strerror(errno));
}

} // namespace

struct AttachListener::System
{
    explicit System(std::string where) : path(std::move(where)), descriptor(openSocket()) {}
    ~System() { close(descriptor); }

    const std::string path;
    const int descriptor;
};

AttachListener::AttachListener(const std::string& place, const std::string& group)
    : _system(std::make_unique<System>(place))
{
    const sockaddr_un address = addressOf(place);
    try
    {
        Poco::File(Poco::Path(place).parent()).createDirectories();
    }
    catch (const Poco::Exception& exc)
    {
        throw LoadException("attach.socket: the folder of " + place + " cannot be created: " + exc.displayText());
    }
    makeWay(place, address);
    // Nobody gets in before the mode is what it has to be.
    const mode_t before = umask(0177);
    const bool bound = bind(_system->descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int error = errno;
    umask(before);
    if (bound)
        setGroup(place, group);
    if (!bound || chmod(place.c_str(), 0660) != 0 || listen(_system->descriptor, BACKLOG) != 0)
        throw LoadException("attach.socket: cannot listen at " + place + ": " + std::strerror(bound ? errno : error));
}

AttachListener::~AttachListener()
{
    unlink(_system->path.c_str());
}

ByteStreamPtr AttachListener::accept(int timeoutMs, const Waker& waker, AttachPeer::Process& process)
{
    pollfd ready[] = {{_system->descriptor, POLLIN, 0}, {static_cast<int>(waker.descriptor()), POLLIN, 0}};
    if (poll(ready, 2, timeoutMs) <= 0 || ready[0].revents == 0)
        return nullptr;
    const int made = accept4(_system->descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (made < 0)
    {
        // No descriptor left: the connection waits, and is not asked about again at once.
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            std::this_thread::sleep_for(PAUSE_WITHOUT_DESCRIPTORS);
        return nullptr;
    }
    ByteStreamPtr stream = streamOfSocket(made);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(made, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return nullptr;
    process = {peer.pid, std::to_string(peer.uid)};
    return stream;
}

bool processExists(std::int64_t id)
{
    return kill(static_cast<pid_t>(id), 0) == 0 || errno != ESRCH;
}

bool isUser(const std::string& word, const std::string& user)
{
    if (word == user)
        return true;
    std::array<char, NAME_SPACE> space;
    passwd entry{};
    passwd* found = nullptr;
    return getpwnam_r(word.c_str(), &entry, space.data(), space.size(), &found) == 0 && found &&
           std::to_string(found->pw_uid) == user;
}

} // namespace tenon::plugin

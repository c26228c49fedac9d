// Where servers listen, and how they are reached.
#include "Link.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::attach
{

int connectTo(const std::string& path, std::string& reason)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
    {
        reason = "the path " + path + " is too long for a socket";
        return -1;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made >= 0 && connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return made;
    reason = "no server can be reached at " + path + ": " + std::strerror(errno);
    if (made >= 0)
        close(made);
    return -1;
}

std::vector<std::string> placesOfServers(const std::string& given)
{
    if (!given.empty())
        return {given};
    if (const char* named = std::getenv("TENON_ATTACH_SOCKET"); named && *named)
        return {named};
    std::vector<std::string> places;
    if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime && *runtime)
        places.push_back(std::string(runtime) + "/tenon/attach.sock");
    places.emplace_back("/run/tenon/attach.sock");
    return places;
}

} // namespace tenon::attach

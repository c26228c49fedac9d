#include "system/System.h"

#include "base/threads/DetachedThread.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::attach
{

namespace
{

/// Each a descriptor and one more, or 0; no lock, since a child may find it taken for ever.
std::array<std::atomic<int>, 64> keptFromChildren;

void closeInChild()
{
    for (auto& place : keptFromChildren)
        if (const int kept = place.exchange(0); kept != 0)
            close(kept - 1);
}

} // namespace

plugin::ByteStreamPtr connectTo(const std::string& path, NoConnection& why)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
    {
        why = {"the path " + path + " is too long for a socket", false};
        return nullptr;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made >= 0 && connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return plugin::streamOfSocket(made);
    why = {"no server can be reached at " + path + ": " + std::strerror(errno), errno == EAGAIN};
    if (made >= 0)
        close(made);
    return nullptr;
}

std::vector<std::string> usualPlaces()
{
    std::vector<std::string> places;
    if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime && *runtime)
        places.push_back(std::string(runtime) + "/tenon/attach.sock");
    places.emplace_back("/run/tenon/attach.sock");
    return places;
}

KeptFromChildren::KeptFromChildren(int descriptor) : _descriptor(descriptor)
{
    static const int registered = pthread_atfork(nullptr, nullptr, closeInChild);
    (void)registered;
    for (auto& place : keptFromChildren)
        if (int none = 0; place.compare_exchange_strong(none, descriptor + 1))
            return;
}

KeptFromChildren::~KeptFromChildren()
{
    for (auto& place : keptFromChildren)
        if (int mine = _descriptor + 1; place.compare_exchange_strong(mine, 0))
            return;
}

bool startThread(std::function<void()> body)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = true;
    try
    {
        base::startDetached(std::move(body));
    }
    catch (const std::system_error&)
    {
        started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

std::uint64_t ownProcess()
{
    return static_cast<std::uint64_t>(getpid());
}

} // namespace tenon::attach

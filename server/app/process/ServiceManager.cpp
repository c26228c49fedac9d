#include "app/process/ServiceManager.h"

#include <Poco/Environment.h>
#include <Poco/NumberParser.h>
#include <Poco/Process.h>

#if !defined(_WIN32)
#include <Poco/Net/ServerSocketImpl.h>

#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#endif

namespace tenon::app::service_manager
{

#if defined(_WIN32)

void notify(const std::string&) {}
long watchdogMs()
{
    return 0;
}
std::optional<Poco::Net::ServerSocket> inheritedSocket()
{
    return std::nullopt;
}

#else

namespace
{

/// A listening socket that was made by somebody else.
class InheritedSocketImpl : public Poco::Net::ServerSocketImpl
{
public:
    explicit InheritedSocketImpl(int descriptor) { reset(descriptor); }
};

class InheritedSocket : public Poco::Net::ServerSocket
{
public:
    explicit InheritedSocket(int descriptor) : ServerSocket(new InheritedSocketImpl(descriptor), true) {}
};

long numberOf(const char* variable)
{
    int number = 0;
    return Poco::NumberParser::tryParse(Poco::Environment::get(variable, "0"), number) ? number : 0;
}

} // namespace

void notify(const std::string& state)
{
    const std::string path = Poco::Environment::get("NOTIFY_SOCKET", "");
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    (void)::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()));
    ::close(descriptor);
}

long watchdogMs()
{
    const long forProcess = numberOf("WATCHDOG_PID");
    if (forProcess != 0 && forProcess != Poco::Process::id())
        return 0;
    long microseconds = 0;
    Poco::Int64 parsed = 0;
    if (Poco::NumberParser::tryParse64(Poco::Environment::get("WATCHDOG_USEC", "0"), parsed))
        microseconds = static_cast<long>(parsed);
    return microseconds / 2000;
}

std::optional<Poco::Net::ServerSocket> inheritedSocket()
{
    constexpr int FIRST = 3; // SD_LISTEN_FDS_START
    if (numberOf("LISTEN_PID") != Poco::Process::id() || numberOf("LISTEN_FDS") < 1)
        return std::nullopt;
    return InheritedSocket(FIRST);
}

#endif

} // namespace tenon::app::service_manager

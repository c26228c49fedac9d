#include "net/io/SocketOptions.h"

#include <Poco/Net/SocketImpl.h>

#include <algorithm>

#if defined(__linux__)
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

namespace tenon::net
{

void noticeVanishedPeers(const Poco::Net::ServerSocket& listener, std::uint32_t idleMs) noexcept
{
#if defined(__linux__)
    if (idleMs == 0)
        return;
    const int fd = listener.impl()->sockfd();
    const auto set = [fd](int level, int option, unsigned value)
    { ::setsockopt(fd, level, option, &value, sizeof value); };
    // Probes begin at half of the time and find the peer gone at the end of it.
    const unsigned seconds = std::max(2U, idleMs / 1000);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, std::max(1U, seconds / 2));
    set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1U, seconds / 10));
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, idleMs);
#else
    (void)listener, (void)idleMs;
#endif
}

} // namespace tenon::net

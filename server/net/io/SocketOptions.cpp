#include "net/io/SocketOptions.h"

#include <Poco/Net/SocketImpl.h>

#include <algorithm>
#include <iterator>

#if defined(__linux__)
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

namespace tenon::net
{

void noticeVanishedPeers(const Poco::Net::ServerSocket& listener, std::uint32_t idleMs,
                         std::uint32_t heartbeatMs) noexcept
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
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, idleMs - std::min(heartbeatMs, idleMs / 2));
#else
    (void)listener, (void)idleMs, (void)heartbeatMs;
#endif
}

void boundWhatTheSystemHolds(const Poco::Net::ServerSocket& listener) noexcept
{
#if defined(__linux__)
    constexpr int UNSENT_BYTES = 65536, UNREAD_BYTES = 131072;
    const int fd = listener.impl()->sockfd();
    ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &UNSENT_BYTES, sizeof UNSENT_BYTES);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &UNREAD_BYTES, sizeof UNREAD_BYTES);
#else
    (void)listener;
#endif
}

bool leaveNewcomersWaiting(const Poco::Net::ServerSocket& listener) noexcept
{
#if defined(__linux__)
    // Of the TCP header the flags: whoever sends SYN alone begins a connection.
    sock_filter program[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                             BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
                             BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFFU)};
    const sock_fprog filter = {static_cast<unsigned short>(std::size(program)), program};
    return ::setsockopt(listener.impl()->sockfd(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
#else
    (void)listener;
    return false;
#endif
}

} // namespace tenon::net

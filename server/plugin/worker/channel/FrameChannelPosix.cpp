// What a channel asks of the system, but for Windows.
#include "plugin/worker/channel/FrameChannel.h"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tenon::plugin
{

FrameChannel::~FrameChannel()
{
    close(_descriptor);
}

std::pair<int, int> FrameChannel::makePair()
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot connect a worker");
    const int size = 1 << 20;
    for (const int end : ends)
    {
        setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return {ends[0], ends[1]};
}

/// Gives how much was taken; `full` tells that the rest must wait. To a peer that has gone everything is sent.
std::size_t FrameChannel::write(const char* data, std::size_t size, bool& full) const
{
    std::size_t sent = 0;
    while (sent < size)
    {
        const ssize_t taken = ::send(_descriptor, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken >= 0)
            sent += static_cast<std::size_t>(taken);
        else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM)
        {
            if (_whenFull == WhenFull::KEEP)
            {
                full = true;
                return sent;
            }
            pollfd ready{_descriptor, POLLOUT, 0};
            poll(&ready, 1, -1);
        }
        else if (errno != EINTR)
        {
            // A peer that has lost a piece would wait for it: both sides are to find out.
            ::shutdown(_descriptor, SHUT_RDWR);
            return size;
        }
    }
    return sent;
}

FrameChannel::Received FrameChannel::receive(char* data, std::size_t size, std::size_t& got)
{
    for (;;)
    {
        const ssize_t received = recv(_descriptor, data, size, MSG_DONTWAIT);
        if (received > 0)
        {
            got = static_cast<std::size_t>(received);
            return Received::SOME;
        }
        if (received == 0)
            return Received::CLOSED;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return Received::NOTHING;
        if (errno != EINTR)
            return Received::CLOSED;
    }
}

bool FrameChannel::peerHasGone() const
{
    pollfd end{_descriptor, POLLRDHUP, 0};
    return poll(&end, 1, 0) > 0;
}

void FrameChannel::wait(int timeoutMs, int other) const
{
    pollfd ready[] = {{_descriptor, static_cast<short>(POLLIN | (keepsSomething() ? POLLOUT : 0)), 0},
                      {other, POLLIN, 0}};
    poll(ready, other < 0 ? 1 : 2, timeoutMs);
}

} // namespace tenon::plugin

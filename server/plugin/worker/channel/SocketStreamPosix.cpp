// Streams over local sockets, but for Windows.
#include "plugin/worker/channel/FrameChannel.h"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

class SocketStream final : public ByteStream
{
public:
    explicit SocketStream(int descriptor) : _descriptor(descriptor) {}
    ~SocketStream() override { close(_descriptor); }

    std::size_t write(const char* data, std::size_t size, bool waits, bool& full) override;
    Received receive(char* data, std::size_t size, std::size_t& got) override;
    bool wait(int timeoutMs, bool toSend, std::intptr_t other) override;
    bool peerHasGone() override;
    int descriptor() const noexcept override { return _descriptor; }
    void shutDown() override { shutdown(_descriptor, SHUT_RDWR); }

private:
    const int _descriptor;
};

std::size_t SocketStream::write(const char* data, std::size_t size, bool waits, bool& full)
{
    std::size_t sent = 0;
    while (sent < size)
    {
        const ssize_t taken = send(_descriptor, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken >= 0)
            sent += static_cast<std::size_t>(taken);
        else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM)
        {
            if (!waits)
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

ByteStream::Received SocketStream::receive(char* data, std::size_t size, std::size_t& got)
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

bool SocketStream::wait(int timeoutMs, bool toSend, std::intptr_t other)
{
    pollfd ready[] = {{_descriptor, static_cast<short>(POLLIN | (toSend ? POLLOUT : 0)), 0},
                      {static_cast<int>(other), POLLIN, 0}};
    return poll(ready, other < 0 ? 1 : 2, timeoutMs) > 0 && ready[1].revents != 0;
}

bool SocketStream::peerHasGone()
{
    pollfd end{_descriptor, POLLRDHUP, 0};
    return poll(&end, 1, 0) > 0;
}

} // namespace

ByteStreamPtr streamOfSocket(int descriptor)
{
    return std::make_unique<SocketStream>(descriptor);
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

} // namespace tenon::plugin

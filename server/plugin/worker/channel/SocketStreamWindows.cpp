// Streams to workers on Windows. Both ends are sockets of the loopback interface: many threads can wait for one, and
// sockets of the local kind are missing from older systems.
#include "plugin/worker/channel/FrameChannel.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <cstring>

#include <winsock2.h>
#include <ws2tcpip.h>

namespace tenon::plugin
{

namespace
{

/// Handles of the system have 32 significant bits.
SOCKET socketOf(int descriptor)
{
    return static_cast<SOCKET>(static_cast<unsigned>(descriptor));
}

int descriptorOf(SOCKET socket)
{
    return static_cast<int>(socket);
}

[[noreturn]] void cannotConnect(std::initializer_list<SOCKET> opened)
{
    const int error = WSAGetLastError();
    for (const SOCKET socket : opened)
        if (socket != INVALID_SOCKET)
            closesocket(socket);
    throw Poco::SystemException("cannot connect a worker", error);
}

SOCKET openSocket()
{
    return WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

bool sameEnd(const sockaddr_in& left, const sockaddr_in& right)
{
    return left.sin_port == right.sin_port && left.sin_addr.s_addr == right.sin_addr.s_addr;
}

void makeReady(SOCKET socket)
{
    const int size = 1 << 20;
    const int yes = 1;
    u_long nonBlocking = 1;
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<const char*>(&size), sizeof size);
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&size), sizeof size);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&yes), sizeof yes);
    ioctlsocket(socket, FIONBIO, &nonBlocking);
}

class SocketStream final : public ByteStream
{
public:
    explicit SocketStream(int descriptor) : _socket(socketOf(descriptor)) {}
    ~SocketStream() override { closesocket(_socket); }

    std::size_t write(const char* data, std::size_t size, bool waits, bool& full) override;
    Received receive(char* data, std::size_t size, std::size_t& got) override;
    bool wait(int timeoutMs, bool toSend, std::intptr_t) override
    {
        poll(static_cast<short>(POLLRDNORM | (toSend ? POLLWRNORM : 0)), timeoutMs);
        return false;
    }
    bool peerHasGone() override { return (poll(0, 0) & (POLLHUP | POLLERR)) != 0; }
    int descriptor() const noexcept override { return descriptorOf(_socket); }
    void shutDown() override { shutdown(_socket, SD_BOTH); }

private:
    short poll(short events, int timeoutMs)
    {
        WSAPOLLFD watched{_socket, events, 0};
        return WSAPoll(&watched, 1, timeoutMs) > 0 ? watched.revents : short(0);
    }

    const SOCKET _socket;
};

std::size_t SocketStream::write(const char* data, std::size_t size, bool waits, bool& full)
{
    constexpr std::size_t PIECE = 1 << 20;
    std::size_t sent = 0;
    while (sent < size)
    {
        const int taken = ::send(_socket, data + sent, static_cast<int>(std::min(size - sent, PIECE)), 0);
        if (taken >= 0)
            sent += static_cast<std::size_t>(taken);
        else if (WSAGetLastError() != WSAEWOULDBLOCK)
            return size;
        else if (!waits)
        {
            full = true;
            return sent;
        }
        else
            poll(POLLWRNORM, -1);
    }
    return sent;
}

ByteStream::Received SocketStream::receive(char* data, std::size_t size, std::size_t& got)
{
    const int received = recv(_socket, data, static_cast<int>(size), 0);
    if (received > 0)
    {
        got = static_cast<std::size_t>(received);
        return Received::SOME;
    }
    return received < 0 && WSAGetLastError() == WSAEWOULDBLOCK ? Received::NOTHING : Received::CLOSED;
}

} // namespace

ByteStreamPtr streamOfSocket(int descriptor)
{
    return std::make_unique<SocketStream>(descriptor);
}

std::pair<int, int> FrameChannel::makePair()
{
    const SOCKET listener = openSocket();
    if (listener == INVALID_SOCKET)
        cannotConnect({});
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = sizeof address;
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 || listen(listener, 1) != 0)
        cannotConnect({listener});
    const SOCKET ours = openSocket();
    sockaddr_in self{};
    size = sizeof self;
    if (ours == INVALID_SOCKET || connect(ours, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        getsockname(ours, reinterpret_cast<sockaddr*>(&self), &size) != 0)
        cannotConnect({listener, ours});
    // Any program of this machine could have connected first: only the one end that is ours will do.
    for (;;)
    {
        sockaddr_in peer{};
        size = sizeof peer;
        const SOCKET theirs = accept(listener, reinterpret_cast<sockaddr*>(&peer), &size);
        if (theirs == INVALID_SOCKET)
            cannotConnect({listener, ours});
        if (sameEnd(peer, self))
        {
            closesocket(listener);
            makeReady(ours);
            makeReady(theirs);
            return {descriptorOf(ours), descriptorOf(theirs)};
        }
        closesocket(theirs);
    }
}

} // namespace tenon::plugin

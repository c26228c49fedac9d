#include "plugin/worker/Channel.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_KEPT_BYTES = 1 << 20;

void appendFrame(std::string& out, FrameType type, std::uint64_t id, std::string_view body)
{
    do
    {
        const auto piece = body.substr(0, MAX_FRAME_BODY);
        body.remove_prefix(piece.size());
        const FrameHeader header{static_cast<std::uint32_t>(piece.size()), type,
                                 static_cast<std::uint8_t>(body.empty() ? 0 : 1), 0, id};
        out.append(reinterpret_cast<const char*>(&header), sizeof header);
        out.append(piece);
    } while (!body.empty());
}

} // namespace

Channel::~Channel()
{
    close(_descriptor);
}

std::pair<int, int> Channel::makePair()
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw Poco::SystemException("cannot connect a worker", errno);
    const int size = 1 << 20;
    for (const int end : ends)
    {
        setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return {ends[0], ends[1]};
}

void Channel::send(FrameType type, std::uint64_t id, std::string_view body)
{
    std::unique_lock lock(_mutex);
    appendFrame(_outgoing, type, id, body);
    if (!_sending)
        drain(lock);
}

void Channel::flush()
{
    std::unique_lock lock(_mutex);
    if (!_sending)
        drain(lock);
}

/// Sends what lies in `_outgoing`, and what others put there meanwhile. The lock is not held while the system works.
void Channel::drain(std::unique_lock<std::mutex>& lock)
{
    thread_local std::string batch;
    _sending = true;
    bool full = false;
    while (!full && !_outgoing.empty())
    {
        batch.swap(_outgoing);
        lock.unlock();
        const std::size_t sent = write(batch.data(), batch.size(), full);
        lock.lock();
        if (full)
            _outgoing.insert(0, batch, sent);
        batch.clear();
        if (batch.capacity() > MAX_KEPT_BYTES)
            batch = std::string();
    }
    _kept.store(full, std::memory_order_release);
    _sending = false;
}

/// Gives how much was taken; `full` tells that the rest must wait. To a peer that has gone everything is sent.
std::size_t Channel::write(const char* data, std::size_t size, bool& full) const
{
    std::size_t sent = 0;
    while (sent < size)
    {
        const ssize_t taken = ::send(_descriptor, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken >= 0)
            sent += static_cast<std::size_t>(taken);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
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
            return size;
    }
    return sent;
}

Channel::Received Channel::receive(char* data, std::size_t size, std::size_t& got)
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

void Channel::wait(int timeoutMs) const
{
    pollfd ready{_descriptor, static_cast<short>(POLLIN | (keepsSomething() ? POLLOUT : 0)), 0};
    poll(&ready, 1, timeoutMs);
}

} // namespace tenon::plugin

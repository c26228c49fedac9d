#include "net/io/Poller.h"

#if defined(__linux__) && !defined(TENON_PORTABLE_POLLER)

#include <Poco/Exception.h>
#include <Poco/Net/SocketImpl.h>

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::net
{

namespace
{

constexpr std::size_t MAX_EVENTS = 64;
constexpr std::size_t SIGNAL_SET_BYTES = 8; // of the kernel's own sigset_t
constexpr std::uint32_t READING = EPOLLIN | EPOLLRDHUP | EPOLLET;

} // namespace

struct Poller::Impl
{
    int epoll = -1;
    int wakeup = -1;
};

Poller::Poller() : _impl(std::make_unique<Impl>())
{
    _impl->epoll = ::epoll_create1(EPOLL_CLOEXEC);
    _impl->wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = 0; // no connection has this ref
    if (_impl->epoll < 0 || _impl->wakeup < 0 || ::epoll_ctl(_impl->epoll, EPOLL_CTL_ADD, _impl->wakeup, &event) != 0)
        throw Poco::SystemException("cannot create an epoll set", errno);
}

Poller::~Poller()
{
    ::close(_impl->wakeup);
    ::close(_impl->epoll);
}

void Poller::add(const Poco::Net::StreamSocket& socket, ConnectionRef ref)
{
    epoll_event event{};
    event.events = READING;
    event.data.u64 = ref;
    if (::epoll_ctl(_impl->epoll, EPOLL_CTL_ADD, socket.impl()->sockfd(), &event) != 0)
        throw Poco::SystemException("cannot watch a socket", errno);
}

void Poller::watchWriting(const Poco::Net::StreamSocket& socket, ConnectionRef ref)
{
    epoll_event event{};
    event.events = READING | EPOLLOUT;
    event.data.u64 = ref;
    ::epoll_ctl(_impl->epoll, EPOLL_CTL_MOD, socket.impl()->sockfd(), &event);
}

void Poller::remove(const Poco::Net::StreamSocket&)
{
    // Closing the descriptor takes it out of the set.
}

std::size_t Poller::wait(Event* events, std::size_t max, int timeoutMs)
{
    epoll_event raw[MAX_EVENTS];
#ifdef __SANITIZE_THREAD__
    // ThreadSanitizer knows by it what came before an event.
    const int count = ::epoll_wait(_impl->epoll, raw, static_cast<int>(std::min(max, MAX_EVENTS)), timeoutMs);
#else
    // Not the library's function: that is a point at which a thread may be cancelled, which costs two locked instructions.
    const long count = ::syscall(SYS_epoll_pwait, _impl->epoll, raw, static_cast<int>(std::min(max, MAX_EVENTS)),
                                 timeoutMs, nullptr, SIGNAL_SET_BYTES);
#endif
    std::size_t out = 0;
    for (long i = 0; i < count; ++i)
    {
        if (raw[i].data.u64 == 0)
            continue; // edge-triggered: the counter need not be read
        std::uint8_t bits = 0;
        if ((raw[i].events & EPOLLIN) != 0)
            bits |= READABLE;
        if ((raw[i].events & EPOLLOUT) != 0)
            bits |= WRITABLE;
        if ((raw[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
            bits |= HANGUP;
        events[out++] = {raw[i].data.u64, bits};
    }
    return out;
}

void Poller::wake()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(_impl->wakeup, &one, sizeof one);
}

} // namespace tenon::net

#endif

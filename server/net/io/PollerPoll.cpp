#include "net/io/Poller.h"

#if !defined(__linux__) || defined(TENON_PORTABLE_POLLER)

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketDefs.h>
#include <Poco/Net/SocketImpl.h>

#if !defined(_WIN32)
#include <poll.h>
#endif

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

namespace tenon::net
{

namespace
{

// That a peer writes no more is told as POLLHUP, without being asked for, or as POLLRDHUP.
#if defined(POLLRDHUP)
constexpr short ASKED_ALWAYS = POLLRDHUP;
#else
constexpr short ASKED_ALWAYS = 0;
#endif
constexpr short GONE = ASKED_ALWAYS | POLLHUP | POLLERR | POLLNVAL;

int pollAll(std::vector<pollfd>& sockets, int timeoutMs)
{
#if defined(_WIN32)
    return ::WSAPoll(sockets.data(), static_cast<ULONG>(sockets.size()), timeoutMs);
#else
    return ::poll(sockets.data(), static_cast<nfds_t>(sockets.size()), timeoutMs);
#endif
}

std::uint8_t readinessOf(short told)
{
    std::uint8_t bits = 0;
    if ((told & POLLIN) != 0)
        bits |= READABLE;
    if ((told & POLLOUT) != 0)
        bits |= WRITABLE;
    if ((told & GONE) != 0)
        bits |= READABLE | HANGUP;
    return bits;
}

} // namespace

// poll() is level-triggered: what was told of a socket is not asked for until its owner re-arms it. One thread polls at a
// time; a pair of connected sockets ends its sleep when what it should ask for has changed.
struct Poller::Impl
{
    struct Watched
    {
        ConnectionRef ref;
        short wanted; ///< of POLLIN and POLLOUT
        bool gone;    ///< and that was told: there is nothing more to wait for than room to write
    };

    // Of the thread that polls.
    std::vector<pollfd> asked; ///< the first is `wakeReader`
    std::vector<ConnectionRef> askedFor;
    Poco::Net::StreamSocket wakeReader;

    std::mutex mutex;             // guards all below
    std::condition_variable turn; ///< to poll, or to take `left`
    std::map<poco_socket_t, Watched> watched;
    std::vector<Event> left; ///< told, and too many for whoever polled
    Poco::Net::StreamSocket wakeWriter;
    bool polling = false;
    bool asleep = false; ///< who polls has not been woken
    bool woken = false;  ///< by `wake`, and nobody has returned since

    /// With `mutex` held: whoever polls asks again.
    void changed()
    {
        if (!asleep)
            return;
        asleep = false;
        const char byte = 0;
        wakeWriter.sendBytes(&byte, 1);
    }

    void ask();
    std::size_t collect(Event* events, std::size_t max);
};

/// With `mutex` held.
void Poller::Impl::ask()
{
    asked.assign(1, {wakeReader.impl()->sockfd(), POLLIN, 0});
    askedFor.assign(1, 0);
    for (const auto& [socket, entry] : watched)
        if (entry.wanted != 0 || !entry.gone)
        {
            asked.push_back({socket, static_cast<short>(entry.wanted | (entry.gone ? 0 : ASKED_ALWAYS)), 0});
            askedFor.push_back(entry.ref);
        }
}

/// With `mutex` held.
std::size_t Poller::Impl::collect(Event* events, std::size_t max)
{
    if (asked[0].revents != 0)
    {
        char bytes[16];
        wakeReader.receiveBytes(bytes, sizeof bytes); // one for each sleep
    }
    std::size_t count = 0;
    for (std::size_t index = 1; index < asked.size(); ++index)
    {
        if (asked[index].revents == 0)
            continue;
        const auto found = watched.find(asked[index].fd);
        // It went in the meantime, or another has got its descriptor.
        if (found == watched.end() || found->second.ref != askedFor[index])
            continue;
        auto& entry = found->second;
        short told = asked[index].revents;
        if ((told & GONE) != 0)
        {
            entry.gone = true;
            told = static_cast<short>(told | entry.wanted); // trying says what is wrong
        }
        entry.wanted = static_cast<short>(entry.wanted & ~told);
        const Event event{entry.ref, readinessOf(told)};
        if (count < max)
            events[count++] = event;
        else
            left.push_back(event);
    }
    return count;
}

Poller::Poller() : _impl(std::make_unique<Impl>())
{
    Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
    _impl->wakeWriter.connect(listener.address());
    _impl->wakeReader = listener.acceptConnection();
    _impl->wakeWriter.setNoDelay(true);
}

Poller::~Poller() = default;

void Poller::add(const Poco::Net::StreamSocket& socket, ConnectionRef ref)
{
    const std::lock_guard lock(_impl->mutex);
    _impl->watched.insert_or_assign(socket.impl()->sockfd(), Impl::Watched{ref, POLLIN, false});
    _impl->changed();
}

void Poller::watchWriting(const Poco::Net::StreamSocket& socket, ConnectionRef)
{
    const std::lock_guard lock(_impl->mutex);
    const auto entry = _impl->watched.find(socket.impl()->sockfd());
    if (entry == _impl->watched.end())
        return;
    entry->second.wanted |= POLLOUT;
    _impl->changed();
}

void Poller::rearm(const Poco::Net::StreamSocket& socket, bool reading)
{
    const std::lock_guard lock(_impl->mutex);
    const auto entry = _impl->watched.find(socket.impl()->sockfd());
    if (entry == _impl->watched.end())
        return;
    auto& watched = entry->second;
    const auto wanted = static_cast<short>((watched.wanted & POLLOUT) | (reading && !watched.gone ? POLLIN : 0));
    if (watched.wanted == wanted)
        return;
    watched.wanted = wanted;
    _impl->changed();
}

void Poller::remove(const Poco::Net::StreamSocket& socket)
{
    const std::lock_guard lock(_impl->mutex);
    _impl->watched.erase(socket.impl()->sockfd());
    _impl->changed();
}

std::size_t Poller::wait(Event* events, std::size_t max, int timeoutMs)
{
    auto& impl = *_impl;
    std::unique_lock lock(impl.mutex);
    const auto free = [&] { return !impl.polling || !impl.left.empty(); };
    if (timeoutMs < 0)
        impl.turn.wait(lock, free);
    else if (!impl.turn.wait_for(lock, std::chrono::milliseconds(timeoutMs), free))
        return 0;

    std::size_t count = std::min(max, impl.left.size());
    if (count > 0)
    {
        std::copy(impl.left.end() - static_cast<std::ptrdiff_t>(count), impl.left.end(), events);
        impl.left.resize(impl.left.size() - count);
    }
    else if (!impl.woken)
    {
        impl.ask();
        impl.polling = impl.asleep = true;
        lock.unlock();
        const int told = pollAll(impl.asked, timeoutMs);
        lock.lock();
        impl.polling = impl.asleep = false;
        if (told > 0)
            count = impl.collect(events, max);
    }
    impl.woken = false;
    impl.turn.notify_one(); // whatever this one does now, and even if it never comes back
    return count;
}

void Poller::wake()
{
    const std::lock_guard lock(_impl->mutex);
    _impl->woken = true;
    _impl->changed();
}

} // namespace tenon::net

#endif

#include "net/Poller.h"

#if !defined(__linux__)

#include <Poco/Net/PollSet.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

namespace tenon::net
{

// PollSet is level-triggered and has no one-shot: a socket that was told is taken out until its owner re-arms it, and
// one thread polls at a time. A pair of connected sockets stands for the wake-up that PollSet lacks.
struct Poller::Impl
{
    struct Watched
    {
        ConnectionRef ref;
        int mode;
    };

    Poco::Net::PollSet set;
    Poco::Net::StreamSocket wakeReader, wakeWriter;
    std::mutex polling; ///< held by the thread that polls

    std::mutex mutex; // guards `watched` and `events`
    std::map<Poco::Net::Socket, Watched> watched;
    std::vector<Event> events; ///< told by the set, not yet taken
};

Poller::Poller() : _impl(std::make_unique<Impl>())
{
    Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
    _impl->wakeWriter.connect(listener.address());
    _impl->wakeReader = listener.acceptConnection();
    _impl->wakeWriter.setBlocking(false);
    _impl->wakeReader.setBlocking(false);
    _impl->set.add(_impl->wakeReader, Poco::Net::PollSet::POLL_READ);
}

Poller::~Poller() = default;

void Poller::add(const Poco::Net::StreamSocket& socket, ConnectionRef ref)
{
    {
        const std::lock_guard lock(_impl->mutex);
        _impl->watched[socket] = {ref, Poco::Net::PollSet::POLL_READ | Poco::Net::PollSet::POLL_ERROR};
    }
    _impl->set.add(socket, Poco::Net::PollSet::POLL_READ | Poco::Net::PollSet::POLL_ERROR);
    wake();
}

void Poller::watchWriting(const Poco::Net::StreamSocket& socket, ConnectionRef)
{
    // Told when the owner re-arms, or now if nobody owns it.
    const std::lock_guard lock(_impl->mutex);
    const auto entry = _impl->watched.find(socket);
    if (entry == _impl->watched.end())
        return;
    if (_impl->set.has(socket))
        _impl->set.update(socket, entry->second.mode | Poco::Net::PollSet::POLL_WRITE);
    else
        entry->second.mode |= Poco::Net::PollSet::POLL_WRITE;
    wake();
}

void Poller::rearm(const Poco::Net::StreamSocket& socket, bool reading)
{
    const std::lock_guard lock(_impl->mutex);
    const auto entry = _impl->watched.find(socket);
    if (entry == _impl->watched.end() || _impl->set.has(socket))
        return;
    const int unwanted = reading ? 0 : int(Poco::Net::PollSet::POLL_READ);
    _impl->set.add(socket, entry->second.mode & ~unwanted);
    entry->second.mode &= ~Poco::Net::PollSet::POLL_WRITE;
    wake();
}

void Poller::remove(const Poco::Net::StreamSocket& socket)
{
    const std::lock_guard lock(_impl->mutex);
    _impl->watched.erase(socket);
    _impl->set.remove(socket);
}

std::size_t Poller::wait(Event* events, std::size_t max, int timeoutMs)
{
    const auto take = [&]
    {
        std::size_t count = 0;
        const std::lock_guard lock(_impl->mutex);
        for (; count < max && !_impl->events.empty(); ++count)
        {
            events[count] = _impl->events.back();
            _impl->events.pop_back();
        }
        return count;
    };
    if (const std::size_t count = take(); count > 0)
        return count;

    std::unique_lock polling(_impl->polling, std::defer_lock);
    if (timeoutMs < 0)
        polling.lock();
    else if (!polling.try_lock())
        return 0;
    if (const std::size_t count = take(); count > 0)
        return count;
    const auto patience =
        timeoutMs < 0 ? Poco::Timespan(1, 0) : Poco::Timespan(Poco::Timespan::TimeDiff(timeoutMs) * 1000);
    const auto told = _impl->set.poll(patience);
    const std::lock_guard lock(_impl->mutex);
    std::size_t count = 0;
    for (const auto& [socket, mode] : told)
    {
        if (socket == _impl->wakeReader)
        {
            char bytes[256];
            while (_impl->wakeReader.receiveBytes(bytes, sizeof bytes) > 0)
                continue;
            continue;
        }
        const auto entry = _impl->watched.find(socket);
        if (entry == _impl->watched.end())
            continue;
        _impl->set.remove(socket);
        std::uint8_t bits = 0;
        if ((mode & Poco::Net::PollSet::POLL_READ) != 0)
            bits |= READABLE;
        if ((mode & Poco::Net::PollSet::POLL_WRITE) != 0)
            bits |= WRITABLE;
        if ((mode & Poco::Net::PollSet::POLL_ERROR) != 0)
            bits |= READABLE | HANGUP;
        const Event event{entry->second.ref, bits};
        if (count < max)
            events[count++] = event;
        else
            _impl->events.push_back(event);
    }
    return count;
}

void Poller::wake()
{
    const char byte = 0;
    try
    {
        _impl->wakeWriter.sendBytes(&byte, 1);
    }
    catch (const Poco::Exception&)
    {
        return; // full: somebody wakes already
    }
}

} // namespace tenon::net

#endif

#pragma once

#include "net/io/Readiness.h"

#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tenon::net
{

/// The poll set that the threads of the front share; the only place, with SocketChannel, that differs by platform.
///
/// Linux: epoll, edge-triggered. An event is told once, to one thread, and needs no re-arming: ConnectionTable keeps
/// what happens while somebody serves the connection. So a small request costs one call to read and one to write, a
/// peer that goes during a call is noticed at once, and an idle socket costs nothing. Elsewhere: poll; what
/// was told of a socket is not asked for again until `rearm`, and that its peer has gone never.
///
/// Threading: any thread, all functions.
class Poller
{
public:
    struct Event
    {
        ConnectionRef ref;
        std::uint8_t bits; ///< Readiness
    };

    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// Watches for bytes and for the end. Errors: Poco::Exception if the system refuses.
    void add(const Poco::Net::StreamSocket& socket, ConnectionRef ref);

    /// Has room to write told, once; at once if there is some.
    void watchWriting(const Poco::Net::StreamSocket& socket, ConnectionRef ref);

    /// The owner has served what it was told. Shape: `reading` is false while it leaves bytes unread on purpose.
#if defined(__linux__) && !defined(TENON_PORTABLE_POLLER)
    void rearm(const Poco::Net::StreamSocket&, bool) {} // edge-triggered: it tells of whatever comes next
#else
    void rearm(const Poco::Net::StreamSocket& socket, bool reading);
#endif

    void remove(const Poco::Net::StreamSocket& socket);

    /// Waits for events; returns their number, 0 after `timeoutMs` (-1: none) or `wake`.
    std::size_t wait(Event* events, std::size_t max, int timeoutMs);

    /// Lets one waiting thread, or the next to wait, return.
    void wake();

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace tenon::net

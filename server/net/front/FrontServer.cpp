#include "net/front/FrontServer.h"

#include "net/io/SocketOptions.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Thread.h>

#include <exception>
#include <new>
#include <utility>

#if !defined(_WIN32)
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace tenon::net
{

namespace
{

constexpr long RETRY_MS = 50; // when the system has no memory left for a connection
constexpr std::chrono::seconds BETWEEN_WARNINGS{10};
constexpr long HANDSHAKE_MS = 50; // what a half made connection needs to be whole, within a data centre

#if defined(__linux__)
/// Takes the descriptor, also if there is no memory for its socket: its client would wait for ever.
Poco::Net::StreamSocket socketOf(int descriptor)
{
    try
    {
        return Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(descriptor));
    }
    catch (const std::bad_alloc&)
    {
        ::close(descriptor);
        throw;
    }
}
#endif

} // namespace

FrontServer::FrontServer(Poco::Net::HTTPRequestHandlerFactory::Ptr factory, Poco::ThreadPool& pool,
                         const Poco::Net::ServerSocket& socket, Poco::Net::HTTPServerParams::Ptr params, Adopt adopt)
    : Poco::Net::HTTPServer(std::move(factory), pool, socket, std::move(params)), _adopt(std::move(adopt)),
      _listener(socket)
{
#if !defined(_WIN32)
    if (::pipe(_wake) != 0)
        throw Poco::SystemException("cannot create a pipe");
    for (int end : _wake)
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
    _reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
#endif
}

FrontServer::~FrontServer()
{
    stopAccepting(Farewell::AT_ONCE);
#if !defined(_WIN32)
    ::close(_wake[0]);
    ::close(_wake[1]);
    if (_reserve >= 0)
        ::close(_reserve);
#endif
}

void FrontServer::stopAccepting(Farewell farewell)
{
    if (std::exchange(_stopped, true))
        return;
    // A proxy that knows nothing of /ready sends requests to the last moment. What is on its way when a listener closes is
    // reset, and a POST that may have been read is not repeated.
    const bool inOrder = farewell == Farewell::IN_ORDER;
    if (inOrder && leaveNewcomersWaiting(_listener))
        Poco::Thread::sleep(HANDSHAKE_MS);
    _ending.store(true);
#if !defined(_WIN32)
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(_wake[1], &byte, 1);
#endif
    stop();
    if (inOrder)
        acceptRest();
    _listener.close(); // who connects now is refused, and may find another server
}

/// After the thread has ended.
void FrontServer::acceptRest()
{
    try
    {
#if defined(__linux__)
        while (acceptOne())
            continue;
#else
        while (_listener.poll(Poco::Timespan(), Poco::Net::Socket::SELECT_READ))
            acceptOne();
#endif
    }
    catch (const std::exception& exc)
    {
        warn("cannot accept a connection: ", exc.what());
    }
}

bool FrontServer::waitForConnection()
{
#if defined(_WIN32)
    return _listener.poll(Poco::Timespan(250000), Poco::Net::Socket::SELECT_READ);
#else
    // POCO's own poll makes and closes an epoll set each time.
    pollfd watched[2] = {{_listener.impl()->sockfd(), POLLIN, 0}, {_wake[0], POLLIN, 0}};
    return ::poll(watched, 2, -1) > 0 && (watched[0].revents & POLLIN) != 0;
#endif
}

bool FrontServer::acceptOne()
{
#if defined(__linux__)
    // As POCO does it, but without an exception when there is nothing to accept.
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    const int fd = ::accept4(_listener.impl()->sockfd(), address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
    {
        if (errno == EMFILE || errno == ENFILE)
            return shed();
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED)
            return false;
        throw Poco::Net::NetException("accept", errno);
    }
    const Poco::Net::StreamSocket socket = socketOf(fd); // first: what fails then closes it
    _adopt(socket, Poco::Net::SocketAddress(address, length));
    return true;
#else
    Poco::Net::SocketAddress peer;
    const Poco::Net::StreamSocket socket = _listener.acceptConnection(peer);
    _adopt(socket, peer);
    return false;
#endif
}

bool FrontServer::shed()
{
#if defined(__linux__)
    warn("closed a connection: no descriptor is left");
    // A connection that waits in the listener keeps it readable: it is taken with the one descriptor that is kept for
    // this, and ended, so that its client tries again instead of waiting.
    if (_reserve < 0) // it could not be had again
        _reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (_reserve < 0)
        return Poco::Thread::sleep(RETRY_MS), false;
    ::close(std::exchange(_reserve, -1));
    const int fd = ::accept4(_listener.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        ::close(fd);
    _reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd >= 0;
#else
    return false;
#endif
}

void FrontServer::warn(const char* what, const std::string& why) noexcept
{
    try
    {
        const auto now = std::chrono::steady_clock::now();
        if (now < _nextWarning)
            return;
        _nextWarning = now + BETWEEN_WARNINGS;
        Poco::Logger::get("tenon.net").warning(what + why);
    }
    catch (...) // NOLINT: there is no memory to say so, and the next connection has to be taken all the same
    {
    }
}

void FrontServer::run()
{
    // Several processes may share the socket: another may be faster, and then nobody may wait in accept.
    _listener.setBlocking(false);
    while (!_ending.load())
    {
        try
        {
            if (waitForConnection())
                while (!_ending.load() && acceptOne())
                    continue;
        }
        catch (const Poco::Net::ConnectionAbortedException&)
        {
            continue; // gone before it was accepted
        }
        catch (const Poco::Exception& exc)
        {
            warn("cannot accept a connection: ", exc.message());
            Poco::Thread::sleep(RETRY_MS);
        }
        catch (const std::exception&)
        {
            warn("cannot accept a connection: no memory is left");
            Poco::Thread::sleep(RETRY_MS);
        }
    }
}

} // namespace tenon::net

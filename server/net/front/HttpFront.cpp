#include "net/front/HttpFront.h"

#include "net/connection/Connection.h"
#include "net/io/SocketOptions.h"
#include "net/io/TlsContext.h"
#include "store/SharedQuotas.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <algorithm>
#include <thread>
#include <utility>

#if !defined(_WIN32)
#include <csignal>
#endif

namespace tenon::net
{

namespace
{

constexpr std::string_view FULL = "HTTP/1.1 503 Service Unavailable\r\nServer: tenon\r\nRetry-After: "
                                  "1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A quarter of the shortest limit, so that none is exceeded by much.
std::chrono::milliseconds sweepInterval(const Settings& settings)
{
    std::uint32_t shortest = 1000;
    for (std::uint32_t limit : {settings.headMs, settings.bodyMs, settings.sendMs, settings.heartbeatMs,
                                settings.keepAliveMs, settings.idleMs, settings.maxConnectionAgeMs})
        if (limit != 0)
            shortest = std::min(shortest, limit);
    return std::chrono::milliseconds(std::clamp<std::uint32_t>(shortest / 4, 10, 250));
}

Poco::Net::ServerSocket listenOn(const Settings& settings)
{
    Poco::Net::ServerSocket socket;
    const Poco::Net::SocketAddress address(settings.host, settings.port);
    // The port is not shared: a second server on it must say so, not take half of the first one's connections. What
    // elsewhere only lets a port be used again soon shares it on Windows.
#if defined(_WIN32)
    constexpr bool REUSE = false;
#else
    constexpr bool REUSE = true;
#endif
    if (address.family() == Poco::Net::SocketAddress::IPv6)
        socket.bind6(address, REUSE, false, false);
    else
        socket.bind(address, REUSE, false);
    socket.listen(settings.backlog);
    return socket;
}

} // namespace

HttpFront::HttpFront(const Settings& settings, Router::Ptr router, AdmissionControl& admission, base::Timers& timers,
                     base::MetricsRegistry& registry, base::Budget& budget)
    : HttpFront(settings, std::move(router), admission, timers, registry, budget, listenOn(settings))
{
    _farewell = FrontServer::Farewell::IN_ORDER;
}

HttpFront::HttpFront(const Settings& settings, Router::Ptr router, AdmissionControl& admission, base::Timers& timers,
                     base::MetricsRegistry& registry, base::Budget& budget, const Poco::Net::ServerSocket& socket)
    : _timers(timers), _router(std::move(router)),
      _tls(settings.tls ? std::make_unique<TlsContext>(settings) : nullptr), _port(socket.address().port()),
      _began(std::chrono::steady_clock::now()), _state(settings, *_router, admission, registry, budget),
      _workers(_state), _pool(1, 1, 60), _scratch(std::make_unique<Scratch>())
{
    _state.scheduler = &_workers;
    _server = std::make_unique<FrontServer>(_router, _pool, socket, _state.params,
                                            [this](const auto& accepted, const auto& peer) { adopt(accepted, peer); });
    boundWhatTheSystemHolds(socket);
    noticeVanishedPeers(socket, settings.idleMs, settings.heartbeatMs);
    // A sweep must not wait for what it finds.
    _scratch->mayBlock = false;
}

HttpFront::~HttpFront()
{
    stop();
}

void HttpFront::share(store::SharedQuotas& quotas)
{
    quotas.share("connections", _state.connections);
    quotas.share("streams", _state.streams);
}

void HttpFront::start()
{
#if !defined(_WIN32)
    // OpenSSL writes with write(2), which knows no MSG_NOSIGNAL.
    if (_tls)
        std::signal(SIGPIPE, SIG_IGN);
#endif
    _workers.start();
    _sweeper = _timers.every(sweepInterval(_state.settings), [this] { sweep(); });
    _server->start();
}

void HttpFront::adopt(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer)
{
    if (_state.table.size() >= _state.settings.maxConnections)
    {
        _state.metrics.connectionsRefused.add();
        std::size_t sent = 0;
        SocketChannel channel(socket);
        if (!_tls)
            channel.write(std::span(&FULL, 1), sent);
        channel.close();
        return;
    }
    const auto connection = std::make_shared<Connection>(
        _state, _tls ? Poco::Net::StreamSocket(_tls->attach(socket)) : socket, peer.host().toString());
    const ConnectionRef ref = _state.table.insert(connection);
    if (ref == 0)
        return connection->close();
    connection->setRef(ref);
    try
    {
        _state.poller.add(connection->socket(), ref);
    }
    catch (const Poco::Exception& exc)
    {
        std::uint8_t bits = 0;
        if (_state.table.claim(ref, bits).outcome == ConnectionTable::Claim::OWNED)
            _state.table.erase(ref)->close();
        Poco::Logger::get("tenon.net").warning("dropped a connection: " + exc.displayText());
    }
}

void HttpFront::sweep()
{
    const auto age = std::chrono::steady_clock::now() - _began;
    _state.nowMs.store(
        std::max<std::uint32_t>(
            1, static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count())),
        std::memory_order_relaxed);
    const bool draining = _state.draining.load(std::memory_order_relaxed);
    bool forgotten = false;
    const ConnectionDriver::Look look = [&](Connection& connection)
    {
        if (forgotten) // nobody knows what the event was about
            if (const auto outcome = connection.serve(READABLE | WRITABLE | RESUME, *_scratch);
                outcome != Connection::Outcome::KEEP)
                return outcome;
        const Connection::Outcome outcome = connection.sweep(*_scratch);
        return draining && outcome == Connection::Outcome::KEEP ? connection.retire() : outcome;
    };
    forgotten = _workers.takeForgotten(); // after what may fail
    const std::uint32_t slots = _state.table.slots();
    for (std::uint32_t index = 0; index < slots; ++index)
        _workers.driver().visit(_state.table.at(index), look, *_scratch);
}

void HttpFront::drain()
{
    _state.draining.store(true);
    _server->stopAccepting(_farewell);
}

bool HttpFront::isQuiet() const
{
    const std::uint32_t slots = _state.table.slots();
    for (std::uint32_t index = 0; index < slots; ++index)
        if (const ConnectionRef ref = _state.table.at(index); ref != 0)
            if (const auto connection = _state.table.find(ref); connection && !connection->isStream())
                return false;
    return true;
}

bool HttpFront::awaitQuiet(std::chrono::milliseconds patience) const
{
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!isQuiet())
    {
        if (std::chrono::steady_clock::now() >= until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void HttpFront::stop()
{
    if (std::exchange(_stopped, true))
        return;
    _state.draining.store(true);
    _server->stopAccepting(FrontServer::Farewell::AT_ONCE);
    _timers.cancel(_sweeper);
    _workers.stop();
    _state.packer.stop();
    _workers.driver().endAll();
}

void HttpFront::reloadCertificates(const Settings& settings)
{
    if (_tls)
        _tls->reload(settings);
}

} // namespace tenon::net

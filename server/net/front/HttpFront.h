#pragma once

#include "base/limits/Budget.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Timers.h"
#include "net/Settings.h"
#include "net/connection/FrontState.h"
#include "net/front/FrontServer.h"
#include "net/front/WorkerPool.h"
#include "net/route/AdmissionControl.h"
#include "net/route/Router.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace tenon::store
{
class SharedQuotas;
}

namespace tenon::net
{

class TlsContext;

/// The HTTP server: a Poco::Net::HTTPServer that listens and accepts, and a poll set shared by few threads that serves.
///
/// Idle connections and streams cost no thread. See README.md for the design and its measurements.
///
/// Threading: `start` and `stop` by one thread; the rest any thread.
/// Ownership: router, admission, timers, registry and budget outlive the front. Exchanges must not outlive it.
class HttpFront
{
public:
    /// Errors: Poco::Net::NetException if the address cannot be listened on; Poco::Exception for unusable TLS files.
    HttpFront(const Settings& settings, Router::Ptr router, AdmissionControl& admission, base::Timers& timers,
              base::MetricsRegistry& registry, base::Budget& budget);

    /// The same on a socket that listens already (socket activation).
    HttpFront(const Settings& settings, Router::Ptr router, AdmissionControl& admission, base::Timers& timers,
              base::MetricsRegistry& registry, base::Budget& budget, const Poco::Net::ServerSocket& socket);

    ~HttpFront();
    HttpFront(const HttpFront&) = delete;
    HttpFront& operator=(const HttpFront&) = delete;

    /// Who is told of requests and streams. Before `start`. Ownership: outlives the front.
    void setAccessListener(AccessListener* listener) { _state.access = listener; }

    /// Connections and streams of a holder are counted with other instances. Before `start`.
    void share(store::SharedQuotas& quotas);

    void start();

    /// Before `drain`: who has an answer opens its next connection elsewhere. A proxy that keeps connections would
    /// otherwise send a request on one that is just being closed.
    void leave() { _state.leaving.store(true); }

    /// Stops accepting, in order if the listener is ours alone. Connections close after their next answer, or when nothing
    /// has come on them for a second: a request may be on its way.
    void drain();

    /// After `drain`: waits until no connections but streams are left, `patience` at most. True if none is.
    bool awaitQuiet(std::chrono::milliseconds patience) const;

    /// Closes everything and ends the threads; a call still running is waited for.
    void stop();

    /// Reads certificate, key and authorities again; connections that stand are not touched.
    ///
    /// Errors: Poco::Exception that names the file; the old ones stay in use.
    void reloadCertificates(const Settings& settings);

    [[nodiscard]] std::uint16_t port() const { return _port; }
    [[nodiscard]] bool secure() const { return _tls != nullptr; }
    [[nodiscard]] std::size_t connections() const { return _state.table.size(); }
    [[nodiscard]] std::size_t threads() const { return _workers.threads(); }

private:
    void adopt(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer);
    void sweep();
    [[nodiscard]] bool isQuiet() const; ///< no connections but streams

    // Constant after construction.
    base::Timers& _timers;
    Router::Ptr _router;
    std::unique_ptr<TlsContext> _tls;
    std::uint16_t _port = 0;
    const std::chrono::steady_clock::time_point _began;

    // Synchronised by themselves.
    FrontState _state;
    WorkerPool _workers;
    Poco::ThreadPool _pool;
    std::unique_ptr<FrontServer> _server;

    // The owner's.
    base::Timers::Id _sweeper = 0;
    bool _stopped = false;
    FrontServer::Farewell _farewell = FrontServer::Farewell::AT_ONCE;

    // The sweeper's.
    std::unique_ptr<Scratch> _scratch;
};

} // namespace tenon::net

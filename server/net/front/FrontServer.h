#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tenon::net
{

/// POCO's HTTP server, as far as it listens and accepts. What it accepts goes to `Adopt` instead of to a thread.
///
/// Threading: `start` and `stop` by the owner; `adopt` runs on the server's thread.
class FrontServer final : public Poco::Net::HTTPServer
{
public:
    /// Takes an accepted, connected socket.
    using Adopt = std::function<void(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer)>;

    /// Ownership: `pool` outlives the server; POCO demands one, no thread of it serves.
    FrontServer(Poco::Net::HTTPRequestHandlerFactory::Ptr factory, Poco::ThreadPool& pool,
                const Poco::Net::ServerSocket& socket, Poco::Net::HTTPServerParams::Ptr params, Adopt adopt);
    ~FrontServer() override;

    /// How the listener ends.
    enum class Farewell : std::uint8_t
    {
        AT_ONCE, ///< who waits to be accepted is reset; at a socket that is not ours alone they are the next server's
        IN_ORDER ///< whoever is connected is accepted before; takes a moment
    };

    /// Stops accepting; what was accepted stays.
    void stopAccepting(Farewell farewell);

protected:
    void run() override;

private:
    void acceptRest();
    bool waitForConnection();
    bool acceptOne();
    bool shed();
    void warn(const char* what, const std::string& why = {}) noexcept;

    const Adopt _adopt;
    Poco::Net::ServerSocket _listener;
    std::atomic<bool> _ending{false};
    bool _stopped = false;
    std::chrono::steady_clock::time_point _nextWarning{};
#if !defined(_WIN32)
    int _wake[2] = {-1, -1}; ///< a pipe: what ends the wait for the next connection
    int _reserve = -1;       ///< a descriptor to be given up when there is none left
#endif
};

} // namespace tenon::net

#pragma once

#include "store/redis/wire/RedisAddress.h"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

namespace Poco
{
class TemporaryFile;
}

namespace tenon::tests
{

/// A redis-server of a test's own, on a port of its own; with TLS, it wants certificates of its clients, and one of its authority is
/// in `certificate` and `key`, its own is for the address 127.0.0.1.
///
/// Threading: one thread.
class RedisServer
{
public:
    /// Whether there is such a program here.
    [[nodiscard]] static bool available();

    explicit RedisServer(bool tls = false);
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    void start(); ///< again, empty, after `kill`
    void kill();
    void freeze(); ///< it takes connections and answers nothing
    void thaw();

    [[nodiscard]] std::uint16_t port() const { return _port; }
    [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const
    {
        return (_tls ? "rediss://" : "redis://") + host + ':' + std::to_string(_port) + "/0";
    }
    [[nodiscard]] std::string certificate() const; ///< a file, and the authority's too: it is signed by itself
    [[nodiscard]] std::string key() const;
    [[nodiscard]] store::RedisAddress address() const; ///< with all that TLS needs

private:
    void makeCertificate() const;

    const bool _tls;
    std::unique_ptr<Poco::TemporaryFile> _folder;
    std::uint16_t _port = 0;
    pid_t _pid = 0;
};

} // namespace tenon::tests

#pragma once

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

/// A redis-server of a test's own, on a port of its own.
///
/// Threading: one thread.
class RedisServer
{
public:
    /// Whether there is such a program here.
    [[nodiscard]] static bool available();

    RedisServer();
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    void start(); ///< again, empty, after `kill`
    void kill();
    void freeze(); ///< it takes connections and answers nothing
    void thaw();

    [[nodiscard]] std::uint16_t port() const { return _port; }
    [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(_port) + "/0"; }

private:
    std::unique_ptr<Poco::TemporaryFile> _folder;
    std::uint16_t _port = 0;
    pid_t _pid = 0;
};

} // namespace tenon::tests

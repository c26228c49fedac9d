#pragma once

#include <cstdint>
#include <string>

namespace tenon::store
{

/// Where a Redis server is, and who we are to it.
struct RedisAddress
{
    std::string host;
    std::uint16_t port = 6379;
    std::string user, password; ///< empty: none
    unsigned database = 0;

    /// Reads "redis://user:password@host:6379/0"; user, password, port and database may be missing.
    ///
    /// Errors: Poco::InvalidArgumentException, worded for the operator and without the password: another scheme, no host.
    [[nodiscard]] static RedisAddress read(const std::string& url);

    [[nodiscard]] std::string text() const { return host + ':' + std::to_string(port); } ///< for logs
};

} // namespace tenon::store

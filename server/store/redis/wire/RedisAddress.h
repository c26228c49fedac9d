#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tenon::store
{

struct RedisTls;

/// The address of a Redis server, or of the Sentinels that know it, and our credentials.
struct RedisAddress
{
    struct Place
    {
        std::string host;
        std::uint16_t port = 6379;
        [[nodiscard]] std::string text() const { return host + ':' + std::to_string(port); }
    };
    std::vector<Place> places;  ///< the server, or the Sentinels that know it; at least one
    std::string master;         ///< how the Sentinels call it; empty: there are none
    std::string user, password; ///< of the server; empty: none
    unsigned database = 0;
    bool secure = false;                 ///< to be spoken to over TLS, and so are the Sentinels
    std::shared_ptr<const RedisTls> tls; ///< set by who opens it, if that is so

    /// Reads "redis://user:password@host:6379/0", or "redis+sentinel://user:password@host:26379,host:26379/master/0"; user,
    /// password, ports and database may be missing. "rediss" in place of "redis": over TLS.
    ///
    /// Errors: Poco::InvalidArgumentException, worded for the operator and without the password: another scheme, no host.
    [[nodiscard]] static RedisAddress read(const std::string& url);

    [[nodiscard]] std::string text() const; ///< for logs
};

} // namespace tenon::store

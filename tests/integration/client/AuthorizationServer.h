#pragma once

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/ServerSocket.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::tests
{

/// An OAuth authorization server that lets everybody in: metadata, registration, codes with PKCE, refreshing.
///
/// Threading: any thread.
class AuthorizationServer
{
public:
    /// What was asked of it.
    struct Seen
    {
        int registered = 0, authorized = 0, exchanged = 0, refreshed = 0;
        std::map<std::string, std::string> asked; ///< the query of the newest login
    };

    /// Shape: `secret` signs the tokens (HS256), which are for `audience`.
    AuthorizationServer(std::string secret, std::string audience);
    ~AuthorizationServer();
    AuthorizationServer(const AuthorizationServer&) = delete;
    AuthorizationServer& operator=(const AuthorizationServer&) = delete;

    [[nodiscard]] std::string issuer() const;
    [[nodiscard]] Seen seen() const;

    /// From now on another secret signs.
    void useSecret(std::string secret);

    /// Logins end with access_denied.
    void deny();

private:
    class Handler;
    class Factory;
    using Fields = std::map<std::string, std::string>;

    [[nodiscard]] std::string token() const;
    [[nodiscard]] std::string metadata() const;
    /// Where the browser is sent.
    [[nodiscard]] std::string authorize(const Fields& asked);
    /// The answer of the token endpoint; `good` becomes false if it is an error.
    [[nodiscard]] std::string exchange(const Fields& form, bool& good);

    const std::string _audience;
    Poco::Net::ServerSocket _socket;
    std::unique_ptr<Poco::Net::HTTPServer> _server;

    mutable std::mutex _mutex; // guards all below
    Seen _seen;
    std::map<std::string, Fields> _codes; ///< what was asked with each
    std::string _secret;
    bool _denies = false;
};

} // namespace tenon::tests

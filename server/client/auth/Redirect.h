#pragma once

#include <Poco/Net/ServerSocket.h>

#include <map>
#include <string>

namespace tenon::client
{

/// Waits on this machine for the browser that an authorization server sends back.
///
/// Threading: one thread.
/// Spec:      RFC 8252, 7.3 Loopback Interface Redirection.
class Redirect
{
public:
    /// Listens on 127.0.0.1; port 0 takes a free one.
    ///
    /// Errors: Poco::Net::NetException if the port is taken.
    explicit Redirect(unsigned short port = 0);

    /// "http://127.0.0.1:PORT/callback".
    [[nodiscard]] std::string uri() const;

    /// The query the browser came with; a page tells the user that they may close it.
    ///
    /// Errors: ClientException TIMEOUT.
    [[nodiscard]] std::map<std::string, std::string> wait(int timeoutMs);

private:
    Poco::Net::ServerSocket _socket;
};

} // namespace tenon::client

#pragma once

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/URI.h>

#include <functional>
#include <optional>
#include <string>

namespace tenon::client
{

/// Looks up an environment variable; empty if it is not set.
using Environment = std::function<std::string(const char* name)>;

/// The process's own.
[[nodiscard]] std::string processEnvironment(const char* name);

/// The proxy that the environment names for `uri`: `http_proxy` or `https_proxy`, else `all_proxy`, in either case,
/// unless `no_proxy` names the host, a domain it is in, or `*`. `HTTP_PROXY` in capitals is not looked at: a web server
/// sets it from a header of its clients. Loopback addresses are never proxied.
///
/// Errors: Poco::SyntaxException if the variable holds no URL, or that of another kind of proxy than http.
[[nodiscard]] std::optional<Poco::Net::HTTPClientSession::ProxyConfig>
proxyFor(const Poco::URI& uri, const Environment& environment = processEnvironment);

/// Whether `host` is this machine: "localhost", 127.0.0.0/8 or ::1.
[[nodiscard]] bool isLoopbackHost(const std::string& host);

} // namespace tenon::client

#include "client/http/Proxy.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>

namespace tenon::client
{

namespace
{

std::string firstOf(const Environment& environment, std::initializer_list<const char*> names)
{
    for (const char* name : names)
        if (std::string value = environment(name); !value.empty())
            return value;
    return {};
}

bool isExcluded(const std::string& host, const std::string& list)
{
    const Poco::StringTokenizer entries(list, ", ",
                                        Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    for (std::string entry : entries)
    {
        if (entry == "*")
            return true;
        entry = entry.substr(0, entry.rfind(':')); // a port is not told apart
        if (entry.starts_with('.'))
            entry.erase(0, 1);
        if (Poco::icompare(host, entry) == 0)
            return true;
        if (host.size() > entry.size() + 1 && host[host.size() - entry.size() - 1] == '.' &&
            Poco::icompare(host.substr(host.size() - entry.size()), entry) == 0)
            return true;
    }
    return false;
}

} // namespace

std::string processEnvironment(const char* name)
{
    return Poco::Environment::get(name, "");
}

bool isLoopbackHost(const std::string& host)
{
    if (Poco::icompare(host, "localhost") == 0)
        return true;
    Poco::Net::IPAddress address;
    return Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback();
}

std::optional<Poco::Net::HTTPClientSession::ProxyConfig> proxyFor(const Poco::URI& uri, const Environment& environment)
{
    if (isLoopbackHost(uri.getHost()))
        return std::nullopt;
    const std::string named = uri.getScheme() == "https"
                                  ? firstOf(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                                  : firstOf(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
    if (named.empty() || isExcluded(uri.getHost(), firstOf(environment, {"no_proxy", "NO_PROXY"})))
        return std::nullopt;
    const Poco::URI proxy(named.find("://") == std::string::npos ? "http://" + named : named);
    if (proxy.getScheme() != "http")
        throw Poco::SyntaxException("the environment names a proxy for " + proxy.getScheme() +
                                    "; only those for http can be used (no_proxy names hosts that need none)");
    Poco::Net::HTTPClientSession::ProxyConfig config;
    config.host = proxy.getHost();
    config.port = proxy.getPort() == 0 ? static_cast<Poco::UInt16>(80) : proxy.getPort();
    const std::string user = proxy.getUserInfo();
    Poco::URI::decode(user.substr(0, user.find(':')), config.username);
    if (user.find(':') != std::string::npos)
        Poco::URI::decode(user.substr(user.find(':') + 1), config.password);
    if (config.username.empty())
        config.authMethod = Poco::Net::HTTPClientSession::PROXY_AUTH_NONE; // else the proxy gets the credentials ":"
    return config;
}

} // namespace tenon::client

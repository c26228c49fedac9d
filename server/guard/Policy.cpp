#include "guard/Policy.h"

#include <Poco/Exception.h>

#include <string>

namespace tenon::guard
{

namespace
{

/// What can never be equal to a Host or an Origin is a slip: "https://mcp.example" as a host, "app.example" as an origin.
void checkNames(const base::Settings& settings)
{
    for (const std::string& host : settings.list("http.allowedHosts"))
        if (host.find('/') != std::string::npos)
            settings.refuse("http.allowedHosts",
                            "contains '" + host + "'; write a name without a scheme and a path, such as mcp.example");
    for (const std::string& origin : settings.list("http.allowedOrigins"))
    {
        const auto scheme = origin.find("://");
        const bool glob = origin.find("**") != std::string::npos;
        if (origin == "*" || origin == "null" || glob)
            continue;
        if (scheme == std::string::npos || origin.find('/', scheme + 3) != std::string::npos)
            settings.refuse("http.allowedOrigins", "contains '" + origin +
                                                       "'; write a scheme and a host without a path, such as "
                                                       "https://app.example");
    }
}

Origins originsOf(const base::Settings& settings, const Bind& bind)
{
    checkNames(settings);
    return Origins({bind.address, settings.list("http.allowedHosts"), settings.list("http.allowedOrigins"),
                    settings.text("http.publicUrl"), settings.boolean("http.corsCredentials")});
}

Proxies proxiesOf(const base::Settings& settings)
{
    try
    {
        return Proxies(settings.list("http.trustedProxies"), settings.text("http.forwardedHeader") == "forwarded");
    }
    catch (const Poco::InvalidArgumentException& exc)
    {
        settings.refuse("http.trustedProxies", "cannot be read: " + exc.message());
    }
}

Cors corsOf(const base::Settings& settings, const std::string& apiKeyHeader)
{
    return Cors({settings.boolean("http.cors"), settings.boolean("http.corsCredentials"),
                 settings.integer("http.corsMaxAgeMs") / 1000, apiKeyHeader});
}

} // namespace

Policy::Policy(const base::Settings& settings, const Bind& bind, const Clock& clock, Logins& logins,
               KeyFetching& fetching)
    : origins(originsOf(settings, bind)), proxies(proxiesOf(settings)), types(settings),
      authentication(settings, bind, types, clock, logins, fetching),
      cors(corsOf(settings, authentication.apiKeyHeader())),
      anonymousPerMinute(settings.isSet("limits.rate") ? static_cast<std::uint32_t>(settings.integer("limits.rate"))
                                                       : 0)
{
}

} // namespace tenon::guard

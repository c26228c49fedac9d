#include "guard/web/Origins.h"

#include "base/text/Ascii.h"
#include "guard/web/AddressRange.h"
#include "guard/web/Glob.h"

namespace tenon::guard
{

namespace
{

/// "localhost" of "localhost:8080", "::1" of "[::1]:8080"; the dot of a rooted name goes too.
std::string_view nameOf(std::string_view host)
{
    if (!host.empty() && host.front() == '[')
    {
        const auto close = host.find(']');
        return close == std::string_view::npos ? host : host.substr(1, close - 1);
    }
    std::string_view name = host.substr(0, host.find(':'));
    if (name.size() > 1 && name.back() == '.')
        name.remove_suffix(1);
    return name;
}

/// "::1" of "[::1]"; anything else as it is.
std::string_view bare(std::string_view address)
{
    return address.size() > 2 && address.front() == '[' && address.back() == ']' ? address.substr(1, address.size() - 2)
                                                                                 : address;
}

bool isLoopbackName(std::string_view name)
{
    return name == "127.0.0.1" || name == "::1" || base::equalsIgnoringCase(name, "localhost");
}

/// Whether nothing stands in a host and port but their characters. Two headers joined by a comma are none.
bool wellFormed(std::string_view host)
{
    constexpr std::string_view OTHER = ".-_:[]%";
    return std::all_of(host.begin(), host.end(),
                       [&](char letter)
                       {
                           const char lower = base::lowerOf(letter);
                           return (lower >= 'a' && lower <= 'z') || (letter >= '0' && letter <= '9') ||
                                  OTHER.find(letter) != OTHER.npos;
                       });
}

/// "a.example:8443" of "https://a.example:8443/path".
std::string_view authorityOf(std::string_view url)
{
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {};
    url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

} // namespace

bool isLoopbackAddress(std::string_view address)
{
    Address parsed;
    return base::equalsIgnoringCase(address, "localhost") || (Address::parse(address, parsed) && parsed.isLoopback());
}

Origins::Origins(const Options& options)
    : _loopback(isLoopbackAddress(options.bindAddress)), _checkHosts(_loopback || !options.allowedHosts.empty()),
      _credentials(options.credentials), _bindAddress(base::lowered(bare(options.bindAddress)))
{
    // The wildcard address is where the server listens, not a name anybody should call it by.
    if (_bindAddress == "0.0.0.0" || _bindAddress == "::")
        _bindAddress.clear();
    for (const std::string& host : options.allowedHosts)
    {
        if (host == "*")
            _checkHosts = false;
        _hosts.push_back(base::lowered(bare(host)));
    }
    for (const std::string& origin : options.allowedOrigins)
    {
        if (origin == "*")
            _anyOrigin = true;
        else
            _origins.push_back(base::lowered(origin));
    }
    const std::string_view publicAuthority = authorityOf(options.publicUrl);
    if (!publicAuthority.empty())
    {
        const std::string_view url = options.publicUrl;
        _hosts.push_back(base::lowered(publicAuthority));
        _origins.push_back(base::lowered(url.substr(0, url.find("://") + 3 + publicAuthority.size())));
    }
}

bool Origins::hostAllowed(std::string_view host) const
{
    return !_checkHosts || knownHost(host);
}

bool Origins::knownHost(std::string_view host) const
{
    if (!wellFormed(host))
        return false;
    const std::string_view name = nameOf(host);
    if (_loopback && isLoopbackName(name))
        return true;
    if (name.empty())
        return false;
    if (base::equalsIgnoringCase(name, _bindAddress))
        return true;
    if (_hosts.empty())
        return false;
    const std::string whole = base::lowered(host), nameOnly = base::lowered(name);
    for (const std::string& allowed : _hosts)
        if (globMatches(allowed, nameOnly) || globMatches(allowed, whole))
            return true;
    return false;
}

Origins::Verdict Origins::origin(std::string_view origin) const
{
    const std::string_view authority = authorityOf(origin);
    const bool web =
        base::startsWithIgnoringCase(origin, "http://") || base::startsWithIgnoringCase(origin, "https://");
    if (_loopback && web && wellFormed(authority) && isLoopbackName(nameOf(authority)))
        return Verdict::NAMED;
    const std::string whole = base::lowered(origin);
    for (const std::string& allowed : _origins)
        if (globMatches(allowed, whole))
            return Verdict::NAMED;
    // A page served under one of our own names. Where names are not compared with a list only the address itself
    // counts.
    if (web && !authority.empty() &&
        (_checkHosts ? knownHost(authority)
                     : (wellFormed(authority) && base::equalsIgnoringCase(nameOf(authority), _bindAddress))))
        return Verdict::NAMED;
    return _anyOrigin ? Verdict::ANYBODY : Verdict::FOREIGN;
}

} // namespace tenon::guard

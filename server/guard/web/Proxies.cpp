#include "guard/web/Proxies.h"

#include "base/text/Ascii.h"

namespace tenon::guard
{

namespace
{

/// More hops than any installation has; what stands further left is not looked at.
constexpr std::size_t MAX_HOPS = 16;

struct Items
{
    std::string_view item[MAX_HOPS];
    std::size_t count = 0;

    /// The item `fromRight` places left of the last, or the first if there are fewer.
    [[nodiscard]] std::string_view atFromRight(std::size_t fromRight) const
    {
        if (count == 0)
            return {};
        return fromRight >= count ? item[0] : item[count - 1 - fromRight];
    }
};

/// The last items of a list; a comma inside quotes does not separate.
Items lastItems(std::string_view list)
{
    Items reversed;
    std::size_t end = list.size();
    bool quoted = false;
    for (std::size_t at = list.size(); at-- > 0 && reversed.count < MAX_HOPS;)
    {
        if (list[at] == '"')
            quoted = !quoted;
        if (list[at] == ',' && !quoted)
        {
            reversed.item[reversed.count++] = base::trimmed(list.substr(at + 1, end - at - 1));
            end = at;
        }
    }
    if (reversed.count < MAX_HOPS)
        reversed.item[reversed.count++] = base::trimmed(list.substr(0, end));
    std::reverse(reversed.item, reversed.item + reversed.count);
    return reversed;
}

/// "for" of `for=192.0.2.60;proto=https;host="a.example"`, without quotes; empty if it is absent.
std::string_view parameter(std::string_view element, std::string_view name)
{
    while (!element.empty())
    {
        const auto semicolon = element.find(';');
        const std::string_view pair = base::trimmed(element.substr(0, semicolon));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && base::equalsIgnoringCase(base::trimmed(pair.substr(0, equals)), name))
        {
            std::string_view value = base::trimmed(pair.substr(equals + 1));
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return value;
        }
        if (semicolon == std::string_view::npos)
            break;
        element.remove_prefix(semicolon + 1);
    }
    return {};
}

/// The address of "192.0.2.60:4711", "[2001:db8::1]:4711", "2001:db8::1".
std::string_view withoutPort(std::string_view node)
{
    if (!node.empty() && node.front() == '[')
    {
        const auto close = node.find(']');
        return close == std::string_view::npos ? std::string_view() : node.substr(1, close - 1);
    }
    const auto colon = node.find(':');
    if (colon != std::string_view::npos && node.find(':', colon + 1) == std::string_view::npos)
        return node.substr(0, colon);
    return node;
}

} // namespace

Proxies::Proxies(const std::vector<std::string>& trusted, bool standardHeader) : _standardHeader(standardHeader)
{
    for (const std::string& range : trusted)
        _trusted.add(range);
}

bool Proxies::trust(std::string_view peerAddress) const
{
    Address address;
    return !_trusted.empty() && Address::parse(peerAddress, address) && _trusted.contain(address);
}

Forwarding Proxies::read(const RequestFacts& facts) const
{
    Forwarding found = _standardHeader ? readStandard(facts) : readCustomary(facts);
    Address address;
    // A hop that does not name an address ("unknown", "_hidden") leaves the proxy as the one who asks.
    if (!Address::parse(found.clientAddress, address))
        found.clientAddress = facts.peerAddress;
    return found;
}

Forwarding Proxies::readStandard(const RequestFacts& facts) const
{
    Forwarding found{facts.peerAddress, {}, facts.tls};
    std::string_view value;
    if (!facts.headers->header("Forwarded", value))
        return found;
    const Items hops = lastItems(value);
    for (std::size_t at = hops.count; at-- > 0;)
    {
        const std::string_view node = withoutPort(parameter(hops.item[at], "for"));
        found.clientAddress = node;
        found.host = parameter(hops.item[at], "host");
        const std::string_view proto = parameter(hops.item[at], "proto");
        if (!proto.empty())
            found.secure = base::equalsIgnoringCase(proto, "https");
        if (!trust(node))
            break;
    }
    return found;
}

Forwarding Proxies::readCustomary(const RequestFacts& facts) const
{
    Forwarding found{facts.peerAddress, {}, facts.tls};
    std::string_view value;
    std::size_t passed = 0;
    if (facts.headers->header("X-Forwarded-For", value))
    {
        const Items hops = lastItems(value);
        for (std::size_t at = hops.count; at-- > 0; ++passed)
        {
            found.clientAddress = withoutPort(hops.item[at]);
            if (!trust(found.clientAddress))
                break;
        }
    }
    if (facts.headers->header("X-Forwarded-Host", value))
        found.host = lastItems(value).atFromRight(passed);
    if (facts.headers->header("X-Forwarded-Proto", value))
        found.secure = base::equalsIgnoringCase(lastItems(value).atFromRight(passed), "https");
    return found;
}

} // namespace tenon::guard

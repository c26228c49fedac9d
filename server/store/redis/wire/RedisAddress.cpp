#include "store/redis/wire/RedisAddress.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>
#include <Poco/URI.h>

#include <string_view>

namespace tenon::store
{

namespace
{

constexpr std::string_view PLAIN = "redis://";
constexpr std::string_view SECURE = "rediss://";
constexpr std::string_view SENTINEL = "redis+sentinel://";
constexpr std::string_view SECURE_SENTINEL = "rediss+sentinel://";
constexpr std::uint16_t SENTINEL_PORT = 26379;

[[noreturn]] void refuse(const std::string& why)
{
    throw Poco::InvalidArgumentException("'cluster.redis' " + why);
}

std::string decoded(const std::string& text)
{
    std::string plain;
    try
    {
        Poco::URI::decode(text, plain);
    }
    catch (const Poco::SyntaxException&)
    {
        refuse("has a % without two hexadecimal digits after it; write %25 for a % itself");
    }
    return plain;
}

void readWho(const std::string& who, RedisAddress& address)
{
    const auto colon = who.find(':');
    address.user = decoded(who.substr(0, colon));
    if (colon != std::string::npos)
        address.password = decoded(who.substr(colon + 1));
    if (address.password.empty() && !address.user.empty())
        refuse("names a user without a password; write redis://user:password@host, or redis://:password@host");
}

/// "host:port", "[::1]:port" or either without a port.
RedisAddress::Place placeIn(const std::string& text, std::uint16_t port)
{
    RedisAddress::Place place{text, port};
    const auto colon = text.rfind(':');
    if (colon != std::string::npos && text.find(']', colon) == std::string::npos)
    {
        unsigned number = 0;
        if (!Poco::NumberParser::tryParseUnsigned(text.substr(colon + 1), number) || number == 0 || number > 65535)
            refuse("names an invalid port: " + text.substr(colon));
        place.host = text.substr(0, colon);
        place.port = static_cast<std::uint16_t>(number);
    }
    if (place.host.size() > 1 && place.host.front() == '[' && place.host.back() == ']')
        place.host = place.host.substr(1, place.host.size() - 2);
    if (place.host.empty())
        refuse("names no host; write redis://user:password@host:6379/0");
    return place;
}

} // namespace

RedisAddress RedisAddress::read(const std::string& url)
{
    const auto begins = [&url](std::string_view scheme) { return url.starts_with(scheme); };
    const bool sentinel = begins(SENTINEL) || begins(SECURE_SENTINEL);
    if (!sentinel && !begins(PLAIN) && !begins(SECURE))
        refuse("must begin with redis://, rediss:// or redis+sentinel://, such as redis://user:password@host:6379/0");
    const std::string rest = url.substr(url.find("//") + 2);
    const auto slash = rest.find('/');
    std::string where = rest.substr(0, slash), path = slash == std::string::npos ? "" : rest.substr(slash + 1);
    RedisAddress address;
    address.secure = begins(SECURE) || begins(SECURE_SENTINEL);
    if (const auto at = where.rfind('@'); at != std::string::npos)
    {
        readWho(where.substr(0, at), address);
        where.erase(0, at + 1);
    }
    if (!sentinel)
        address.places.push_back(placeIn(where, 6379));
    else
    {
        for (const auto& place : Poco::StringTokenizer(where, ",", Poco::StringTokenizer::TOK_TRIM))
            address.places.push_back(placeIn(place, SENTINEL_PORT));
        const auto next = path.find('/');
        address.master = path.substr(0, next);
        path = next == std::string::npos ? "" : path.substr(next + 1);
        if (address.master.empty())
            refuse("names no master; write redis+sentinel://host:26379,host:26379/master");
    }
    if (address.places.empty())
        refuse("names no host; write redis://user:password@host:6379/0");
    if (!path.empty() && !Poco::NumberParser::tryParseUnsigned(path, address.database))
        refuse("ends with the number of a database, such as /0, not with /" + path);
    return address;
}

std::string RedisAddress::text() const
{
    if (master.empty())
        return places.front().text();
    return master + " (Sentinel at " + places.front().text() + (places.size() > 1 ? " and others)" : ")");
}

} // namespace tenon::store

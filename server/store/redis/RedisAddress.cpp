#include "store/redis/RedisAddress.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/URI.h>

namespace tenon::store
{

namespace
{

[[noreturn]] void refuse(const std::string& why)
{
    throw Poco::InvalidArgumentException("'cluster.redis' " + why);
}

std::string decoded(const std::string& text)
{
    std::string plain;
    Poco::URI::decode(text, plain);
    return plain;
}

} // namespace

RedisAddress RedisAddress::read(const std::string& url)
{
    Poco::URI uri;
    try
    {
        uri = Poco::URI(url);
    }
    catch (const Poco::SyntaxException&)
    {
        refuse("is no address; write redis://user:password@host:6379/0");
    }
    if (uri.getScheme() == "rediss")
        refuse("cannot be rediss://: this server speaks to Redis without TLS; use redis:// and a local stunnel, "
               "or a network of its own");
    if (uri.getScheme() != "redis")
        refuse("must begin with redis://, not " + uri.getScheme() + "://");
    RedisAddress address;
    address.host = uri.getHost();
    if (address.host.empty())
        refuse("names no host; write redis://user:password@host:6379/0");
    if (uri.getPort() != 0)
        address.port = uri.getPort();
    const std::string& who = uri.getUserInfo();
    if (const auto colon = who.find(':'); colon != std::string::npos)
    {
        address.user = decoded(who.substr(0, colon));
        address.password = decoded(who.substr(colon + 1));
    }
    else
        address.user = decoded(who);
    if (address.password.empty() && !address.user.empty())
        refuse("names a user without a password; write redis://user:password@host, or redis://:password@host");
    std::string path = uri.getPath();
    if (!path.empty() && path.front() == '/')
        path.erase(0, 1);
    if (!path.empty() && !Poco::NumberParser::tryParseUnsigned(path, address.database))
        refuse("ends with the number of a database, such as /0, not with /" + path);
    return address;
}

} // namespace tenon::store

#include "client/http/Credentials.h"

namespace tenon::client
{

void FixedCredentials::apply(Poco::Net::HTTPRequest& request, const Poco::URI&)
{
    for (const auto& [name, value] : _headers)
        request.set(name, value);
}

bool FixedCredentials::improve(const Poco::Net::HTTPRequest&, const Poco::Net::HTTPResponse&, const Poco::URI&, int)
{
    return false;
}

} // namespace tenon::client

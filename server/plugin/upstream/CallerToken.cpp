#include "plugin/upstream/CallerToken.h"

#include "client/ClientException.h"

#include <algorithm>

namespace tenon::plugin
{

void CallerToken::apply(Poco::Net::HTTPRequest& request, const Poco::URI&)
{
    request.set("Authorization", "Bearer " + _token->text);
}

bool CallerToken::improve(const Poco::Net::HTTPRequest&, const Poco::Net::HTTPResponse& refusal, const Poco::URI&, int)
{
    throw client::ClientException(client::Fault::NOT_ALLOWED, "the server refuses this caller", refusal.getStatus());
}

bool isMadeOutTo(const base::ForwardedToken* token, std::string_view audience)
{
    return token != nullptr &&
           std::find(token->audiences.begin(), token->audiences.end(), audience) != token->audiences.end();
}

} // namespace tenon::plugin

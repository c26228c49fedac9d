#include "ops/Permitted.h"

#include "ops/Answers.h"

#include <string>

namespace tenon::ops
{

bool permitted(const Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
               const guard::Gate& gate, base::Access access)
{
    const base::PrincipalPtr principal = principalOf(request);
    if (principal && principal->may(access, {}, false))
        return true;
    const std::string& uri = request.getURI();
    sendReply(response,
              gate.forbid(uri.substr(0, uri.find('?')), access,
                          access == base::Access::BROADCAST
                              ? "Broadcasting is not allowed for this type of principal; an operator allows it "
                                "with auth.types.<type>.broadcast=true"
                              : "Statistics are not open to this type of principal; an operator opens them with "
                                "auth.types.<type>.stats=true"));
    return false;
}

} // namespace tenon::ops

#include "net/route/GateAdmission.h"

namespace tenon::net
{

guard::Bind bindOf(const Settings& settings)
{
    guard::Bind bind;
    bind.address = settings.host;
    bind.port = settings.port;
    bind.tls = settings.tls;
    bind.endpointPath = settings.mcpPath;
    return bind;
}

guard::Admission GateAdmission::notYet()
{
    guard::Admission refused;
    refused.refusal = std::make_unique<guard::Reply>();
    refused.refusal->status = 503;
    refused.refusal->headers = {{"Content-Type", "application/json"}, {"Retry-After", "1"}};
    refused.refusal->body = R"({"error":"starting","message":"The server is starting; try again in a moment"})";
    refused.refusal->reason = "starting";
    return refused;
}

guard::HeaderPairs GateAdmission::challenge(std::string_view path, base::Access access, std::string_view name,
                                            bool readOnly)
{
    const guard::Reply reply = _gate.forbid(path, access, "The token does not allow this", name, readOnly);
    guard::HeaderPairs headers;
    for (const guard::HeaderPair& header : reply.headers)
        if (header.first == "WWW-Authenticate")
            headers.push_back(header);
    return headers;
}

} // namespace tenon::net

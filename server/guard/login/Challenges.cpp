#include "guard/login/Challenges.h"

#include "guard/web/Refusal.h"

namespace tenon::guard
{

namespace
{

void parameter(std::string& challenge, std::string_view name, std::string_view value)
{
    if (value.empty())
        return;
    challenge += challenge.ends_with("Bearer") ? " " : ", ";
    challenge.append(name).append("=\"");
    for (const char letter : value)
        if (letter >= 0x20 && letter < 0x7f && letter != '"' && letter != '\\')
            challenge += letter;
    challenge += '"';
}

} // namespace

Reply Challenges::unauthorized(std::string_view path, std::string_view error, std::string_view description) const
{
    Reply reply = refusal(401, error.empty() ? "unauthorized" : error, description);
    if (bearer)
        reply.headers.emplace_back("WWW-Authenticate",
                                   bearerChallenge(path, error, error.empty() ? "" : description, leastScope));
    if (password)
        reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"tenon\", charset=\"UTF-8\"");
    if (!apiKeyHeader.empty())
        reply.headers.emplace_back("WWW-Authenticate", "ApiKey realm=\"tenon\", header=\"" + apiKeyHeader + "\"");
    return reply;
}

Reply Challenges::forbidden(std::string_view path, std::string_view scope, std::string_view description) const
{
    Reply reply = refusal(403, bearer ? "insufficient_scope" : "forbidden", description);
    if (bearer)
        reply.headers.emplace_back("WWW-Authenticate", bearerChallenge(path, "insufficient_scope", description, scope));
    return reply;
}

std::string Challenges::bearerChallenge(std::string_view path, std::string_view error, std::string_view description,
                                        std::string_view scope) const
{
    std::string challenge = "Bearer";
    if (!resource)
        parameter(challenge, "realm", "tenon");
    parameter(challenge, "error", error);
    parameter(challenge, "scope", scope);
    if (resource)
        parameter(challenge, "resource_metadata", resource->metadataUrl(path));
    parameter(challenge, "error_description", description);
    return challenge;
}

} // namespace tenon::guard

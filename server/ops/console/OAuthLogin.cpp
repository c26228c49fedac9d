#include "ops/console/OAuthLogin.h"

#include "base/json/JsonDocument.h"
#include "base/text/Reason.h"
#include "client/ClientException.h"
#include "client/auth/AuthHttp.h"
#include "client/auth/Registrar.h"
#include "client/auth/TokenEndpoint.h"
#include "client/http/HttpConnections.h"
#include "net/route/MemoryRequest.h"
#include "ops/Answers.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

namespace
{

constexpr std::chrono::minutes KEPT{10};
constexpr std::size_t MAX_BODY = 8192;
constexpr const char* WELL_KNOWN = "/.well-known/oauth-protected-resource";
constexpr const char* CLIENT_NAME = "Tenon console";

std::vector<std::string> texts(const simdjson::dom::element& root, const char* name)
{
    std::vector<std::string> found;
    simdjson::dom::element member;
    simdjson::dom::array list;
    if (base::findMember(root, name, member) && !member.get_array().get(list))
        for (const simdjson::dom::element item : list)
            if (std::string_view text; !item.get_string().get(text))
                found.emplace_back(text);
    return found;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

} // namespace

std::string OAuthLogin::baseOf(const std::string& origin) const
{
    return _options.publicUrl.empty() ? origin : _options.publicUrl;
}

bool OAuthLogin::resource(client::ResourceMetadata& metadata) const
{
    const std::string json = _gate.resourceMetadata(WELL_KNOWN + _options.mcpPath);
    if (json.empty())
        return false;
    const auto document = base::JsonDocument::parse(json);
    const auto issuers = texts(document->root(), "authorization_servers");
    if (issuers.empty())
        return false;
    metadata.found = true;
    metadata.resource = base::textMember(document->root(), "resource");
    metadata.issuer = issuers.front();
    metadata.scopes = texts(document->root(), "scopes_supported");
    return true;
}

/// Within the mutex. Null: there is no OAuth.
const OAuthLogin::Known* OAuthLogin::known(const std::string& origin)
{
    const std::string redirect = baseOf(origin) + "/console/";
    if (_known && _known->redirectUri == redirect && Clock::now() < _known->until)
        return &*_known;
    Known found;
    if (!resource(found.resource))
        return nullptr;
    client::HttpConnections connections{client::HttpOptions()};
    const client::AuthHttp http(connections);
    found.issuer = client::Discovery(http).issuer(found.resource);
    found.redirectUri = redirect;
    client::AuthOptions options;
    options.clientName = CLIENT_NAME;
    options.applicationType = "web";
    options.clientId = _options.clientId;
    if (baseOf(origin).starts_with("https://"))
        options.clientMetadataUrl = baseOf(origin) + "/console/client.json";
    const client::Registrar registrar(http, options);
    if (!registrar.known(found.issuer, found.client))
        found.client = registrar.registerClient(found.issuer, redirect);
    found.until = Clock::now() + KEPT;
    _known = std::move(found);
    return &*_known;
}

std::string OAuthLogin::begin(const std::string& origin)
{
    const std::lock_guard lock(_mutex);
    const Known* const found = known(origin);
    if (!found)
        return "{}";
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("authorizationEndpoint", found->issuer.authorizationEndpoint)
        .member("clientId", found->client.clientId)
        .member("redirectUri", found->redirectUri)
        .member("resource", found->resource.resource)
        .member("scope", joined(found->resource.scopes))
        .endObject();
    return text;
}

std::string OAuthLogin::finish(const std::string& origin, const std::string& code, const std::string& verifier)
{
    const std::lock_guard lock(_mutex);
    const Known* const found = known(origin);
    if (!found)
        throw Poco::NotFoundException("this server does not use OAuth");
    client::HttpConnections connections{client::HttpOptions()};
    const client::AuthHttp http(connections);
    const client::TokenEndpoint endpoint(http, found->issuer, found->client, {});
    const client::TokenSet token = endpoint.request({{"grant_type", "authorization_code"},
                                                     {"code", code},
                                                     {"redirect_uri", found->redirectUri},
                                                     {"code_verifier", verifier},
                                                     {"resource", found->resource.resource}});
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("accessToken", token.accessToken);
    if (token.expiresAt != 0)
        writer.member("expiresAt", token.expiresAt);
    writer.endObject();
    return text;
}

std::string OAuthLogin::document(const std::string& origin) const
{
    const std::string base = baseOf(origin);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("client_id", base + "/console/client.json").member("client_name", CLIENT_NAME);
    writer.member("client_uri", base + "/console/")
        .key("redirect_uris")
        .beginArray()
        .value(base + "/console/")
        .endArray();
    writer.key("grant_types").beginArray().value("authorization_code").endArray();
    writer.key("response_types").beginArray().value("code").endArray();
    writer.member("application_type", "web").member("token_endpoint_auth_method", "none").endObject();
    return text;
}

void LoginHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    const auto& own = dynamic_cast<const net::MemoryRequest&>(request);
    const std::string origin = (own.admission().secure ? "https://" : "http://") + request.getHost();
    try
    {
        if (request.getURI().ends_with("client.json"))
            return sendJson(response, 200, _login.document(origin));
        if (request.getMethod() == Poco::Net::HTTPRequest::HTTP_GET)
            return sendJson(response, 200, _login.begin(origin));
        const auto body = base::JsonDocument::parse(bodyOf(request, MAX_BODY));
        const std::string code(base::textMember(body->root(), "code"));
        const std::string verifier(base::textMember(body->root(), "verifier"));
        if (code.empty() || verifier.empty())
            return sendError(response, 400, "bad_request", "code and verifier are needed");
        sendJson(response, 200, _login.finish(origin, code, verifier));
    }
    catch (const Poco::Exception& exc)
    {
        sendError(response, 502, "login_failed", base::reasonOf(exc));
    }
}

} // namespace tenon::ops

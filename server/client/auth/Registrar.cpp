#include "client/auth/Registrar.h"

#include "base/json/JsonWriter.h"
#include "client/ClientException.h"

#include <algorithm>

namespace tenon::client
{

bool Registrar::known(const IssuerMetadata& issuer, ClientRegistration& client) const
{
    if (!_options.clientId.empty())
    {
        client = {_options.clientId, _options.clientSecret, "", ""};
        return true;
    }
    if (issuer.takesClientUrls && !_options.clientMetadataUrl.empty())
    {
        client = {_options.clientMetadataUrl, "", "", ""};
        return true;
    }
    if (_options.store)
        if (const auto kept = _options.store->registration(issuer.issuer))
        {
            client = *kept;
            return true;
        }
    return false;
}

std::string Registrar::metadataText(const IssuerMetadata& issuer, const std::string& redirectUri) const
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("client_name", _options.clientName).key("redirect_uris").beginArray();
    writer.value(redirectUri).endArray().key("grant_types").beginArray();
    writer.value("authorization_code").value("refresh_token").endArray().key("response_types").beginArray();
    writer.value("code").endArray().member("application_type", _options.applicationType);
    // A program on a user's machine keeps no secret, so it wants none, unless the server gives nothing else.
    const auto& methods = issuer.authMethods;
    const auto has = [&](const char* method)
    { return std::find(methods.begin(), methods.end(), method) != methods.end(); };
    writer.member("token_endpoint_auth_method", methods.empty() || has("none") ? "none"
                                                : has("client_secret_post")    ? "client_secret_post"
                                                                               : "client_secret_basic");
    if (!_options.scope.empty())
        writer.member("scope", _options.scope);
    writer.endObject();
    return text;
}

ClientRegistration Registrar::registerClient(const IssuerMetadata& issuer, const std::string& redirectUri) const
{
    if (issuer.registrationEndpoint.empty())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the authorization server " + issuer.issuer +
                                  " does not register new clients: register one there and pass its client id");
    const AuthAnswer answer = _http.postJson(issuer.registrationEndpoint, metadataText(issuer, redirectUri));
    ClientRegistration client;
    client.clientId = answer.text("client_id");
    if (!issuer.found && (!answer.ok() || client.clientId.empty()))
        throw ClientException(Fault::NOT_ALLOWED,
                              "the server requires credentials, and names no authorization server where they could be "
                              "had: give it a token",
                              answer.status);
    if (!answer.ok() || client.clientId.empty())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the authorization server " + issuer.issuer +
                                  " refused to register this client: " + answer.fault(),
                              answer.status);
    client.clientSecret = answer.text("client_secret");
    client.authMethod = answer.text("token_endpoint_auth_method");
    client.redirectUri = redirectUri;
    if (_options.store)
        _options.store->keepRegistration(issuer.issuer, client);
    return client;
}

} // namespace tenon::client

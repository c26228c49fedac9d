#include "client/auth/Discovery.h"

#include "client/ClientException.h"

#include <Poco/JSON/Array.h>

namespace tenon::client
{

namespace
{

std::vector<std::string> listOf(const Poco::JSON::Object::Ptr& json, const std::string& name)
{
    std::vector<std::string> texts;
    const auto array = json->getArray(name);
    if (!array.isNull())
        for (const auto& one : *array)
            if (one.isString())
                texts.push_back(one.toString());
    return texts;
}

bool flagOf(const Poco::JSON::Object::Ptr& json, const std::string& name)
{
    return json->has(name) && json->get(name).isBoolean() && json->getValue<bool>(name);
}

/// Whether tokens for `resource` are meant for `server`: the same origin, and its path or one above it.
bool covers(const std::string& resource, const Poco::URI& server)
{
    try
    {
        const Poco::URI uri(resource);
        if (originOf(uri) != originOf(server) || !uri.getFragment().empty())
            return false;
        std::string path = uri.getPath();
        while (path.ends_with('/'))
            path.pop_back();
        const std::string own = server.getPath();
        return own.starts_with(path) && (own.size() == path.size() || own[path.size()] == '/' || path.empty());
    }
    catch (const Poco::Exception&)
    {
        return false;
    }
}

} // namespace

std::string originOf(const Poco::URI& uri)
{
    std::string host = uri.getHost();
    if (host.find(':') != std::string::npos && !host.starts_with('['))
        host = '[' + host + ']';
    const bool usual = uri.getPort() == (uri.getScheme() == "https" ? 443 : 80);
    return uri.getScheme() + "://" + host + (usual ? "" : ':' + std::to_string(uri.getPort()));
}

std::string canonicalOf(const Poco::URI& uri)
{
    std::string path = uri.getPath();
    if (path == "/")
        path.clear();
    return originOf(uri) + path;
}

ResourceMetadata Discovery::resource(const Poco::URI& server, const std::string& named) const
{
    ResourceMetadata metadata;
    const std::string origin = originOf(server);
    if (!named.empty())
    {
        if (!readResource(Poco::URI(server, named).toString(), server, metadata))
            throw ClientException(Fault::NOT_ALLOWED, "cannot read the metadata that the server points to: " + named);
        return metadata;
    }
    const std::string path = server.getPath() == "/" ? std::string() : server.getPath();
    const std::string wellKnown = origin + "/.well-known/oauth-protected-resource";
    if (readResource(wellKnown + path, server, metadata) ||
        (!path.empty() && readResource(wellKnown, server, metadata)))
        return metadata;
    // A server of 2025-03-26 is its own authorization server, or stands where that is.
    metadata.resource = canonicalOf(server);
    metadata.issuer = origin;
    return metadata;
}

bool Discovery::readResource(const std::string& url, const Poco::URI& server, ResourceMetadata& metadata) const
{
    const AuthAnswer answer = _http.get(url);
    if (!answer.ok())
        return false;
    metadata.resource = answer.text("resource");
    if (!covers(metadata.resource, server))
        throw ClientException(Fault::NOT_ALLOWED, "the metadata at " + url + " is of " +
                                                      (metadata.resource.empty() ? "no resource" : metadata.resource) +
                                                      ", not of " + canonicalOf(server) +
                                                      ": its tokens would belong to another server");
    const auto issuers = listOf(answer.json, "authorization_servers");
    if (issuers.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the metadata at " + url + " names no authorization server");
    metadata.issuer = issuers.front();
    metadata.namesScopes = answer.json->isArray("scopes_supported");
    metadata.scopes = listOf(answer.json, "scopes_supported");
    metadata.wantsDpop = flagOf(answer.json, "dpop_bound_access_tokens_required");
    metadata.found = true;
    return true;
}

IssuerMetadata Discovery::issuer(const ResourceMetadata& resource) const
{
    if (const std::string fault = AuthHttp::unsafe(resource.issuer); !fault.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the authorization server cannot be used: " + fault);
    const Poco::URI uri(resource.issuer);
    const std::string origin = originOf(uri);
    std::string path = uri.getPath();
    while (path.ends_with('/'))
        path.pop_back();
    std::vector<std::string> places{origin + "/.well-known/oauth-authorization-server" + path,
                                    origin + "/.well-known/openid-configuration" + path};
    if (!path.empty())
        places.push_back(origin + path + "/.well-known/openid-configuration");
    IssuerMetadata metadata;
    for (const std::string& place : places)
        if (readIssuer(place, resource.issuer, metadata))
            return metadata;
    if (resource.found)
        throw ClientException(Fault::NOT_ALLOWED, "the authorization server " + resource.issuer + " has no metadata");
    metadata.issuer = resource.issuer;
    metadata.authorizationEndpoint = origin + "/authorize";
    metadata.tokenEndpoint = origin + "/token";
    metadata.registrationEndpoint = origin + "/register";
    return metadata;
}

bool Discovery::readIssuer(const std::string& url, const std::string& issuer, IssuerMetadata& metadata) const
{
    const AuthAnswer answer = _http.get(url);
    if (!answer.ok())
        return false;
    // As text, without any normalisation: a server that is nearly the right one is another one.
    if (answer.text("issuer") != issuer)
        throw ClientException(Fault::NOT_ALLOWED, "the metadata at " + url + " is for the issuer \"" +
                                                      answer.text("issuer") + "\", not of " + issuer);
    metadata.issuer = issuer;
    metadata.authorizationEndpoint = answer.text("authorization_endpoint");
    metadata.tokenEndpoint = answer.text("token_endpoint");
    metadata.registrationEndpoint = answer.text("registration_endpoint");
    metadata.scopes = listOf(answer.json, "scopes_supported");
    metadata.authMethods = listOf(answer.json, "token_endpoint_auth_methods_supported");
    metadata.challengeMethods = listOf(answer.json, "code_challenge_methods_supported");
    metadata.dpopAlgorithms = listOf(answer.json, "dpop_signing_alg_values_supported");
    metadata.sendsIssuer = flagOf(answer.json, "authorization_response_iss_parameter_supported");
    metadata.takesClientUrls = flagOf(answer.json, "client_id_metadata_document_supported");
    metadata.found = true;
    if (metadata.tokenEndpoint.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the metadata at " + url + " names no token endpoint");
    return true;
}

} // namespace tenon::client

#pragma once

#include "client/auth/AuthHttp.h"

#include <Poco/URI.h>

#include <string>
#include <vector>

namespace tenon::client
{

/// A protected server's metadata.
struct ResourceMetadata
{
    bool found = false;
    std::string resource; ///< for which tokens must be asked
    std::string issuer;   ///< of the authorization server
    std::vector<std::string> scopes;
    bool namesScopes = false;
    bool wantsDpop = false;
};

/// An authorization server's metadata.
struct IssuerMetadata
{
    std::string issuer;
    std::string authorizationEndpoint, tokenEndpoint, registrationEndpoint;
    std::vector<std::string> scopes, authMethods, challengeMethods, dpopAlgorithms;
    bool found = false;           ///< false: the endpoints are the customary ones, no more is known
    bool sendsIssuer = false;     ///< in every authorization response
    bool takesClientUrls = false; ///< a URL of a metadata document as client id
};

/// Finds out where a server wants its clients to get tokens.
///
/// Errors:    ClientException NOT_ALLOWED that says what does not fit.
/// Threading: any thread.
/// Spec:      2026-07-28, Authorization Server Discovery; RFC 9728, RFC 8414, OpenID Connect Discovery 1.0. Without
///            metadata of the resource: 2025-03-26, Authorization.
class Discovery
{
public:
    explicit Discovery(const AuthHttp& http) : _http(http) {}

    /// Shape: `named` is the URL that a challenge gave; empty: the well-known ones.
    [[nodiscard]] ResourceMetadata resource(const Poco::URI& server, const std::string& named) const;
    [[nodiscard]] IssuerMetadata issuer(const ResourceMetadata& resource) const;

private:
    [[nodiscard]] bool readResource(const std::string& url, const Poco::URI& server, ResourceMetadata& metadata) const;
    [[nodiscard]] bool readIssuer(const std::string& url, const std::string& issuer, IssuerMetadata& metadata) const;

    const AuthHttp& _http;
};

/// "https://host:port" of a URL, without the scheme's own port.
[[nodiscard]] std::string originOf(const Poco::URI& uri);
/// The URL of a server as a resource is named: no fragment, no slash at the end of nothing.
[[nodiscard]] std::string canonicalOf(const Poco::URI& uri);

} // namespace tenon::client

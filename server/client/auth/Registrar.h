#pragma once

#include "client/auth/AuthHttp.h"
#include "client/auth/AuthOptions.h"
#include "client/auth/Discovery.h"

#include <string>

namespace tenon::client
{

/// Makes this client known to an authorization server: as it was registered before, by the URL of its metadata
/// document, or by registering it now.
///
/// Errors:    ClientException NOT_ALLOWED.
/// Threading: one thread.
/// Spec:      2026-07-28, Client Registration; RFC 7591.
class Registrar
{
public:
    Registrar(const AuthHttp& http, const AuthOptions& options) : _http(http), _options(options) {}

    /// How the client is known already; false: it must register, with the address that browsers come back to.
    [[nodiscard]] bool known(const IssuerMetadata& issuer, ClientRegistration& client) const;
    [[nodiscard]] ClientRegistration registerClient(const IssuerMetadata& issuer, const std::string& redirectUri) const;

private:
    [[nodiscard]] std::string metadataText(const IssuerMetadata& issuer, const std::string& redirectUri) const;

    const AuthHttp& _http;
    const AuthOptions& _options;
};

} // namespace tenon::client

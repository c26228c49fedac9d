#pragma once

#include "client/auth/AuthOptions.h"
#include "client/auth/Discovery.h"
#include "client/auth/Redirect.h"
#include "client/auth/TokenEndpoint.h"

#include <string>

namespace tenon::client
{

/// One login of a user: the page they see, the browser that comes back, the form that turns its code into a token.
///
/// Errors:    ClientException NOT_ALLOWED, TIMEOUT.
/// Threading: one thread.
/// Spec:      OAuth 2.1 with PKCE; RFC 8707; RFC 9207.
class CodeFlow
{
public:
    CodeFlow(const IssuerMetadata& issuer, std::string resource, std::string scope)
        : _issuer(issuer), _resource(std::move(resource)), _scope(std::move(scope)), _verifier(randomText(48)),
          _state(randomText(24))
    {
    }

    /// Shows the page and waits for the browser. Gives the form for the token endpoint.
    [[nodiscard]] AuthForm run(const AuthOptions& options, const std::string& clientId, Redirect& redirect) const;

private:
    [[nodiscard]] std::string pageUrl(const std::string& clientId, const std::string& redirectUri) const;
    void check(const std::map<std::string, std::string>& answer) const;

    const IssuerMetadata& _issuer;
    const std::string _resource, _scope;
    const std::string _verifier, _state;
};

} // namespace tenon::client

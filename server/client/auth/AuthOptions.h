#pragma once

#include "client/auth/TokenStore.h"

#include <functional>
#include <memory>
#include <string>

namespace tenon::client
{

/// How a client gets its tokens.
struct AuthOptions
{
    enum class Grant
    {
        USER,          ///< a user logs in, in a browser (authorization code with PKCE)
        CLIENT,        ///< the client's own credentials
        ASSERTION,     ///< a token that a workload was given elsewhere (RFC 7523)
        IDENTITY_TOKEN ///< a user's identity token, exchanged at its provider for a grant to this server
    };

    Grant grant = Grant::USER;
    std::string clientName = "Tenon";
    std::string applicationType = "native"; ///< or "web"
    std::string clientId, clientSecret;     ///< of a client that is registered already; empty: it registers itself
    std::string clientMetadataUrl;          ///< of a metadata document, used as client id where servers take that
    std::string privateKey;                 ///< PEM: the client signs who it is instead of showing a secret
    std::string scope;                      ///< to ask for beside what servers name

    std::string assertion;                                         ///< ASSERTION: the JSON Web Token
    std::string identityToken, identityEndpoint, identityClientId; ///< IDENTITY_TOKEN: and where it is exchanged

    /// USER: shows the page to log in at. Empty: nobody can log in here, which is said.
    std::function<void(const std::string& url)> openBrowser;
    unsigned short redirectPort = 0; ///< 0: a free one
    int loginMs = 300'000;

    std::shared_ptr<TokenStore> store; ///< null: tokens are forgotten
};

} // namespace tenon::client

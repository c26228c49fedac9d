#pragma once

#include "client/auth/AuthHttp.h"
#include "client/auth/Discovery.h"
#include "client/auth/SigningKey.h"
#include "client/auth/TokenStore.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::client
{

/// Proofs that a token is used by the client it was issued to.
///
/// Threading: any thread.
/// Spec:      RFC 9449.
class Dpop
{
public:
    explicit Dpop(SigningKey key) : _key(std::move(key)) {}

    /// A proof for one request; `accessToken` is empty at the token endpoint.
    [[nodiscard]] std::string proof(const std::string& method, const std::string& url, const std::string& accessToken);

    /// Remembers the nonce of an answer, if it has one. True: it is a new one.
    bool keepNonce(const std::string& url, const Poco::Net::HTTPResponse& response);

    [[nodiscard]] const SigningKey& key() const { return _key; }

private:
    const SigningKey _key;
    std::mutex _mutex;                          // guards all below
    std::map<std::string, std::string> _nonces; ///< by origin
};

/// Asks an authorization server for tokens, as a client that is registered there.
///
/// Errors:    ClientException NOT_ALLOWED with the server's reason.
/// Threading: one thread.
class TokenEndpoint
{
public:
    TokenEndpoint(const AuthHttp& http, IssuerMetadata issuer, ClientRegistration client, std::string privateKey)
        : _http(http), _issuer(std::move(issuer)), _client(std::move(client)), _privateKey(std::move(privateKey))
    {
    }

    /// Sends a proof with each request from now on.
    void use(std::shared_ptr<Dpop> dpop) { _dpop = std::move(dpop); }

    /// Shape: `form` has the grant and what belongs to it; who the client is is added.
    [[nodiscard]] TokenSet request(AuthForm form) const;

private:
    [[nodiscard]] std::string authMethod() const;
    void authenticate(AuthForm& form, AuthHeaders& headers) const;
    [[nodiscard]] std::string assertion() const;

    const AuthHttp& _http;
    const IssuerMetadata _issuer;
    const ClientRegistration _client;
    const std::string _privateKey;
    std::shared_ptr<Dpop> _dpop;
};

} // namespace tenon::client

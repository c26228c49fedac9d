#pragma once

#include "client/auth/AuthHttp.h"
#include "client/auth/AuthOptions.h"
#include "client/auth/Challenge.h"
#include "client/auth/Discovery.h"
#include "client/auth/TokenEndpoint.h"
#include "client/http/Credentials.h"

#include <Poco/URI.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tenon::client
{

/// Credentials by OAuth: gets a token when the server asks for one, a better one when it asks for more, a new one when
/// it has expired, and keeps them.
///
/// Errors:    ClientException NOT_ALLOWED, TIMEOUT if nobody logs in.
/// Threading: any thread; one at a time gets a token, others wait for it.
/// Spec:      2026-07-28, Authorization; OAuth 2.1, RFC 8707, RFC 9207.
class Authorizer : public Credentials
{
public:
    Authorizer(AuthOptions options, Poco::URI server, HttpConnections& connections);

    void apply(Poco::Net::HTTPRequest& request, const Poco::URI& uri) override;
    bool improve(const Poco::Net::HTTPRequest& sent, const Poco::Net::HTTPResponse& refusal, const Poco::URI& uri,
                 int attempt) override;

    /// Gets a token without being asked: `tenon login`. `challenge` may be empty.
    void login(const Challenge& challenge);

private:
    /// What a server and its authorization server have said.
    struct Place
    {
        ResourceMetadata resource;
        IssuerMetadata issuer;
    };

    [[nodiscard]] Place find(const Challenge& challenge) const;
    void obtain(const Place& place, const std::string& scope);
    bool refresh(const Place& place);
    [[nodiscard]] std::string scopeFor(const Challenge& challenge, const Place& place) const;
    [[nodiscard]] TokenSet byUser(const Place& place, const std::string& scope);
    [[nodiscard]] TokenSet byClient(const Place& place, const std::string& scope);
    [[nodiscard]] TokenSet byAssertion(const Place& place, const std::string& assertion, const std::string& scope);
    [[nodiscard]] std::string exchangeIdentity(const Place& place) const;
    [[nodiscard]] TokenEndpoint endpoint(const Place& place, const ClientRegistration& client);
    void keep(TokenSet token, const std::string& asked);
    [[nodiscard]] bool expired() const;

    const AuthOptions _options;
    const Poco::URI _server;
    const AuthHttp _http;

    std::mutex _mutex; // guards all below
    std::optional<TokenSet> _token;
    std::shared_ptr<Dpop> _dpop;
    std::string _asked; ///< scopes asked for so far, of `_askedOf`
    std::string _askedOf;
    bool _failed = false; ///< a grant that nobody can repeat was refused
};

} // namespace tenon::client

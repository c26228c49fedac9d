#pragma once

#include "base/json/JsonWriter.h"
#include "client/auth/Discovery.h"
#include "client/auth/TokenStore.h"
#include "guard/Gate.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace tenon::ops
{

/// The console as an OAuth client: the page sends the person to the authorization server and comes back with a code; what
/// has to be asked there in between is asked from here, since the page reaches this server alone.
///
/// One question at a time, and what was learnt is kept for a while: strangers may ask, too.
///
/// Errors:    client::ClientException, Poco::Exception, for the person to read.
/// Threading: any thread; blocks for some seconds.
/// Ownership: borrows the gate.
/// Spec:      OAuth 2.1 with PKCE; RFC 8707.
class OAuthLogin
{
public:
    struct Options
    {
        std::string clientId;  ///< of a client that is registered already; empty: a metadata document, or registering
        std::string publicUrl; ///< empty: there is none
        std::string mcpPath;
    };

    OAuthLogin(const guard::Gate& gate, Options options) : _gate(gate), _options(std::move(options)) {}

    /// What the page needs to send somebody away.
    ///
    /// Shape: {"authorizationEndpoint","clientId","redirectUri","resource","scope"}; {} where there is no OAuth.
    ///        `origin` is that at which the page was loaded.
    [[nodiscard]] std::string begin(const std::string& origin);

    /// Turns a code into a token. Shape: {"accessToken","expiresAt"?}.
    [[nodiscard]] std::string finish(const std::string& origin, const std::string& code, const std::string& verifier);

    /// The metadata document of this client, whose URL is its id where servers take that.
    [[nodiscard]] std::string document(const std::string& origin) const;

private:
    using Clock = std::chrono::steady_clock;
    struct Known
    {
        std::string redirectUri;
        client::ResourceMetadata resource;
        client::IssuerMetadata issuer;
        client::ClientRegistration client;
        Clock::time_point until;
    };

    [[nodiscard]] std::string baseOf(const std::string& origin) const;
    [[nodiscard]] bool resource(client::ResourceMetadata& metadata) const;
    [[nodiscard]] const Known* known(const std::string& origin);

    const guard::Gate& _gate;
    const Options _options;

    std::mutex _mutex; // held while the authorization server is asked; guards:
    std::optional<Known> _known;
};

/// `GET /console/api/login`, `POST /console/api/login` with {"code","verifier"}, and `GET /console/client.json`. For all:
/// who logs in is nobody yet.
class LoginHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit LoginHandler(OAuthLogin& login) : _login(login) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    OAuthLogin& _login;
};

} // namespace tenon::ops

#include "client/auth/Authorizer.h"

#include "client/ClientException.h"
#include "client/auth/CodeFlow.h"
#include "client/auth/Redirect.h"
#include "client/auth/Registrar.h"

#include <Poco/Exception.h>
#include <Poco/String.h>

#include <algorithm>
#include <chrono>

namespace tenon::client
{

namespace
{

constexpr int MAX_IMPROVEMENTS = 3; ///< of one request
constexpr std::int64_t EARLY_SECONDS = 10;
constexpr const char* JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

std::int64_t now()
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool contains(const std::vector<std::string>& list, const std::string& text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// The port of an address that was registered; 0 if it is none of ours.
unsigned short portOf(const std::string& redirectUri)
{
    try
    {
        return redirectUri.empty() ? static_cast<unsigned short>(0) : Poco::URI(redirectUri).getPort();
    }
    catch (const Poco::Exception&)
    {
        return 0;
    }
}

} // namespace

Authorizer::Authorizer(AuthOptions options, Poco::URI server, HttpConnections& connections)
    : _options(std::move(options)), _server(std::move(server)), _http(connections)
{
    if (!_options.store)
        return;
    _token = _options.store->token(canonicalOf(_server));
    if (_token && !_token->dpopKey.empty())
        _dpop = std::make_shared<Dpop>(SigningKey::fromPem(_token->dpopKey));
}

bool Authorizer::expired() const
{
    return _token && _token->expiresAt > 0 && now() + EARLY_SECONDS >= _token->expiresAt;
}

void Authorizer::apply(Poco::Net::HTTPRequest& request, const Poco::URI& uri)
{
    const std::lock_guard lock(_mutex);
    // Never to another host: a token is for one server.
    if (!_token || originOf(uri) != originOf(_server))
        return;
    if (_dpop && !_token->dpopKey.empty())
    {
        request.set("Authorization", "DPoP " + _token->accessToken);
        request.set("DPoP", _dpop->proof(request.getMethod(), originOf(uri) + uri.getPath(), _token->accessToken));
    }
    else
        request.set("Authorization", "Bearer " + _token->accessToken);
}

bool Authorizer::improve(const Poco::Net::HTTPRequest& sent, const Poco::Net::HTTPResponse& refusal,
                         const Poco::URI& uri, int attempt)
{
    const std::lock_guard lock(_mutex);
    const Challenge challenge = Challenge::of(refusal);
    if (_dpop && _dpop->keepNonce(originOf(uri), refusal) && challenge.get("error") == "use_dpop_nonce")
        return true;
    const std::string used = sent.get("Authorization", "");
    if (_token && !used.ends_with(' ' + _token->accessToken))
        return true; // somebody else got a better one meanwhile
    const bool wantsMore = refusal.getStatus() == 403 && challenge.get("error") == "insufficient_scope";
    if (refusal.getStatus() == 403 && !wantsMore)
        return false;
    if (const std::string other = Challenge::otherScheme(refusal); !other.empty())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the server requires credentials of the scheme " + other +
                                  ", which no login gets: they must be given",
                              refusal.getStatus());
    if (attempt >= MAX_IMPROVEMENTS || _failed)
        throw ClientException(Fault::NOT_ALLOWED,
                              "the server refuses every token" + (challenge.get("error_description").empty()
                                                                      ? std::string()
                                                                      : ": " + challenge.get("error_description")),
                              refusal.getStatus());
    const Place place = find(challenge);
    if (!wantsMore && attempt == 1 && refresh(place))
        return true;
    obtain(place, scopeFor(challenge, place));
    return true;
}

void Authorizer::login(const Challenge& challenge)
{
    const std::lock_guard lock(_mutex);
    const Place place = find(challenge);
    obtain(place, scopeFor(challenge, place));
}

Authorizer::Place Authorizer::find(const Challenge& challenge) const
{
    const Discovery discovery(_http);
    Place place;
    place.resource = discovery.resource(_server, challenge.get("resource_metadata"));
    place.issuer = discovery.issuer(place.resource);
    return place;
}

std::string Authorizer::scopeFor(const Challenge& challenge, const Place& place) const
{
    std::string scope = challenge.get("scope");
    if (scope.empty())
        for (const std::string& one : place.resource.scopes)
            scope = unionOf(scope, one);
    // What was granted before is asked for again, so that one operation does not take the permission of another.
    if (_askedOf == place.issuer.issuer)
        scope = unionOf(_asked, scope);
    scope = unionOf(scope, _options.scope);
    if (_options.grant == AuthOptions::Grant::USER && contains(place.issuer.scopes, "offline_access"))
        scope = unionOf(scope, "offline_access");
    return scope;
}

TokenEndpoint Authorizer::endpoint(const Place& place, const ClientRegistration& client)
{
    TokenEndpoint endpoint(_http, place.issuer, client, _options.privateKey);
    if (place.resource.wantsDpop || contains(place.issuer.dpopAlgorithms, "ES256"))
    {
        if (!_dpop)
            _dpop = std::make_shared<Dpop>(SigningKey::generate());
        endpoint.use(_dpop);
    }
    return endpoint;
}

bool Authorizer::refresh(const Place& place)
{
    if (!_token || _token->refreshToken.empty() || _token->issuer != place.issuer.issuer)
        return false;
    ClientRegistration client;
    if (!Registrar(_http, _options).known(place.issuer, client))
        return false;
    try
    {
        const TokenSet old = *_token;
        TokenSet fresh = endpoint(place, client)
                             .request({{"grant_type", "refresh_token"},
                                       {"refresh_token", old.refreshToken},
                                       {"resource", place.resource.resource}});
        if (fresh.refreshToken.empty())
            fresh.refreshToken = old.refreshToken;
        keep(std::move(fresh), old.scope);
        return true;
    }
    catch (const ClientException& exc)
    {
        if (exc.fault() != Fault::NOT_ALLOWED)
            throw;
        return false; // it is used up: log in again
    }
}

void Authorizer::obtain(const Place& place, const std::string& scope)
{
    TokenSet token;
    switch (_options.grant)
    {
    case AuthOptions::Grant::USER:
        token = byUser(place, scope);
        break;
    case AuthOptions::Grant::CLIENT:
        token = byClient(place, scope);
        break;
    case AuthOptions::Grant::ASSERTION:
        token = byAssertion(place, _options.assertion, scope);
        break;
    case AuthOptions::Grant::IDENTITY_TOKEN:
        token = byAssertion(place, exchangeIdentity(place), scope);
        break;
    }
    _asked = scope;
    _askedOf = place.issuer.issuer;
    keep(std::move(token), scope);
}

void Authorizer::keep(TokenSet token, const std::string& asked)
{
    if (token.scope.empty())
        token.scope = asked;
    _token = std::move(token);
    if (_options.store)
        _options.store->keepToken(canonicalOf(_server), *_token);
}

TokenSet Authorizer::byUser(const Place& place, const std::string& scope)
{
    if (!_options.openBrowser)
        throw ClientException(Fault::NOT_ALLOWED,
                              "the server requires a login; run: tenon login " + canonicalOf(_server));
    const Registrar registrar(_http, _options);
    ClientRegistration client;
    const bool known = registrar.known(place.issuer, client);
    const unsigned short port = known ? portOf(client.redirectUri) : static_cast<unsigned short>(0);
    std::unique_ptr<Redirect> redirect;
    try
    {
        redirect = std::make_unique<Redirect>(port != 0 ? port : _options.redirectPort);
    }
    catch (const Poco::Exception&)
    {
        redirect = std::make_unique<Redirect>(); // the port of last time is taken
    }
    if (!known || (!client.redirectUri.empty() && client.redirectUri != redirect->uri()))
        client = registrar.registerClient(place.issuer, redirect->uri());
    const CodeFlow flow(place.issuer, place.resource.resource, scope);
    const AuthForm form = flow.run(_options, client.clientId, *redirect);
    return endpoint(place, client).request(form);
}

TokenSet Authorizer::byClient(const Place& place, const std::string& scope)
{
    if (_options.clientId.empty())
        throw ClientException(Fault::NOT_ALLOWED, "a client with credentials of its own needs a client id");
    AuthForm form{{"grant_type", "client_credentials"}, {"resource", place.resource.resource}};
    if (!scope.empty())
        form.emplace_back("scope", scope);
    return endpoint(place, {_options.clientId, _options.clientSecret, "", ""}).request(form);
}

std::string Authorizer::exchangeIdentity(const Place& place) const
{
    AuthForm form{{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                  {"requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"},
                  {"audience", place.issuer.issuer},
                  {"resource", place.resource.resource},
                  {"subject_token", _options.identityToken},
                  {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"}};
    if (!_options.identityClientId.empty())
        form.emplace_back("client_id", _options.identityClientId);
    const AuthAnswer answer = _http.post(_options.identityEndpoint, form);
    const std::string grant = answer.text("access_token");
    if (!answer.ok() || grant.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the identity provider issued no grant: " + answer.fault(),
                              answer.status);
    return grant;
}

TokenSet Authorizer::byAssertion(const Place& place, const std::string& assertion, const std::string& scope)
{
    AuthForm form{{"grant_type", JWT_BEARER}, {"assertion", assertion}, {"resource", place.resource.resource}};
    if (!scope.empty())
        form.emplace_back("scope", scope);
    try
    {
        return endpoint(place, {_options.clientId, _options.clientSecret, "", ""}).request(form);
    }
    catch (const ClientException&)
    {
        _failed = true; // the same assertion will not be better next time
        throw;
    }
}

} // namespace tenon::client

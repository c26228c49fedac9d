#include "client/auth/CodeFlow.h"

#include "client/ClientException.h"

#include <algorithm>

namespace tenon::client
{

std::string CodeFlow::pageUrl(const std::string& clientId, const std::string& redirectUri) const
{
    AuthForm query{{"response_type", "code"},
                   {"client_id", clientId},
                   {"redirect_uri", redirectUri},
                   {"state", _state},
                   {"code_challenge", digestText(_verifier)},
                   {"code_challenge_method", "S256"},
                   {"resource", _resource}};
    if (!_scope.empty())
        query.emplace_back("scope", _scope);
    const std::string& page = _issuer.authorizationEndpoint;
    return page + (page.find('?') == std::string::npos ? '?' : '&') + formText(query);
}

void CodeFlow::check(const std::map<std::string, std::string>& answer) const
{
    const auto get = [&](const char* name)
    {
        const auto found = answer.find(name);
        return found == answer.end() ? std::string() : found->second;
    };
    if (get("state") != _state)
        throw ClientException(Fault::NOT_ALLOWED, "the browser came back from a different login");
    // Before anything else of the answer is believed, an error in it included: it may be of another server.
    const bool named = answer.count("iss") > 0;
    if (named && get("iss") != _issuer.issuer)
        throw ClientException(Fault::NOT_ALLOWED,
                              "the answer to the login comes from \"" + get("iss") + "\", not from " + _issuer.issuer);
    if (!named && _issuer.sendsIssuer)
        throw ClientException(Fault::NOT_ALLOWED,
                              "the answer to the login does not say which server it comes from, as " + _issuer.issuer +
                                  " promised");
    if (const std::string error = get("error"); !error.empty())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the login was refused: " + error +
                                  (get("error_description").empty() ? "" : ": " + get("error_description")));
    if (get("code").empty())
        throw ClientException(Fault::NOT_ALLOWED, "the answer to the login contains no code");
}

AuthForm CodeFlow::run(const AuthOptions& options, const std::string& clientId, Redirect& redirect) const
{
    if (_issuer.authorizationEndpoint.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the authorization server " + _issuer.issuer + " has no login page");
    const auto& methods = _issuer.challengeMethods;
    if (_issuer.found && std::find(methods.begin(), methods.end(), "S256") == methods.end())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the authorization server " + _issuer.issuer + " does not support PKCE with S256");
    if (const std::string fault = AuthHttp::unsafe(_issuer.authorizationEndpoint); !fault.empty())
        throw ClientException(Fault::NOT_ALLOWED, "the login page cannot be used: " + fault);
    options.openBrowser(pageUrl(clientId, redirect.uri()));
    const auto answer = redirect.wait(options.loginMs);
    check(answer);
    return {{"grant_type", "authorization_code"},
            {"code", answer.at("code")},
            {"redirect_uri", redirect.uri()},
            {"code_verifier", _verifier},
            {"resource", _resource}};
}

} // namespace tenon::client

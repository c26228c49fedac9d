#include "guard/Authentication.h"

#include "base/text/LogEscape.h"
#include "guard/login/Certificates.h"
#include "guard/login/StaticTokens.h"
#include "guard/login/Users.h"
#include "guard/web/AddressRange.h"
#include "guard/web/Origins.h"
#include "guard/web/Refusal.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <array>

namespace tenon::guard
{

namespace
{

constexpr std::array<std::string_view, 7> TYPES = {"none", "bearer", "basic", "apikey", "jwt", "oauth", "certificate"};

std::string joined(const std::vector<std::string>& scopes)
{
    std::string text;
    for (const std::string& scope : scopes)
        text += (text.empty() ? "" : " ") + scope;
    return text;
}

bool has(const std::vector<std::string>& list, std::string_view item)
{
    return std::find(list.begin(), list.end(), item) != list.end();
}

} // namespace

std::vector<std::string> authenticationTypes(const base::Settings& settings)
{
    std::vector<std::string> types = settings.list("auth.type");
    if (types.empty() && settings.isSet("auth.type")) // what a script left empty must not let everybody in
        settings.refuse("auth.type", "is empty; write none to let everybody in");
    if (types.empty())
        types.emplace_back("none");
    for (const std::string& type : types)
        if (std::find(TYPES.begin(), TYPES.end(), type) == TYPES.end())
            settings.refuse("auth.type",
                            "holds '" + type +
                                "', which is not one of none, bearer, basic, apikey, jwt, oauth, certificate");
    return types;
}

std::string rateKey(std::string_view address)
{
    Address parsed;
    if (!Address::parse(address, parsed))
        return std::string(address);
    // Short enough to need no memory.
    const char* const bytes = reinterpret_cast<const char*>(parsed.bytes.data());
    return parsed.isIPv4() ? std::string(bytes + 12, 4) : std::string(bytes, 8);
}

Authentication::Authentication(const base::Settings& settings, const Bind& bind, const Types& types, const Clock& clock,
                               Logins& logins, KeyFetching& fetching)
    : _types(types), _clock(clock), _loginsPerMinute(static_cast<std::uint32_t>(settings.integer("limits.rate"))),
      _logins(logins)
{
    const std::vector<std::string> on = authenticationTypes(settings);
    const bool bearer = has(on, "bearer"), apiKey = has(on, "apikey"), oauth = has(on, "oauth");
    const bool jwt = oauth || has(on, "jwt");
    _finder.bearer = _challenges.bearer = bearer || jwt;
    _finder.password = _challenges.password = has(on, "basic");
    _finder.certificate = has(on, "certificate");
    _finder.queryToken = settings.boolean("auth.queryToken");
    if (apiKey)
        _finder.apiKeyHeader = _challenges.apiKeyHeader = settings.text("auth.apikey.header");

    if (oauth)
        setResource(settings, bind);
    if (bearer || apiKey)
    {
        auto tokens = std::make_unique<StaticTokens>(settings, types, bearer, apiKey, clock);
        if (tokens->empty())
            settings.refuse("auth.type", "names bearer or apikey, but there is no token: set auth.token.<name>.sha256");
        _authenticators.push_back(std::move(tokens));
    }
    if (jwt)
    {
        std::vector<std::string> audiences;
        if (const std::string url = settings.text("http.publicUrl"); !url.empty())
            audiences = ProtectedResource({url, bind.endpointPath, {}, {}, {}}).audiences();
        _authenticators.push_back(makeJwtVerifier(settings, oauth, std::move(audiences), types, clock, fetching));
    }
    else
        fetching.keys.clear();
    if (_finder.password)
        _authenticators.push_back(std::make_unique<Users>(settings, types));
    if (_finder.certificate)
        _authenticators.push_back(std::make_unique<Certificates>(settings, types));
    if (has(on, "none"))
        setAnonymous(settings, bind, on.size() == 1);
}

void Authentication::setAnonymous(const base::Settings& settings, const Bind& bind, bool alone)
{
    // Whoever uses a server on the own machine may do everything. Strangers may use its tools, not run it.
    const bool unrestricted =
        alone && isLoopbackAddress(bind.address) && settings.under("auth.types.anonymous.").empty();
    auto principal = std::make_shared<base::Principal>();
    principal->id = principal->name = principal->type = "anonymous";
    const PrincipalType& type = _types.require("anonymous", settings.at("auth.type"));
    principal->limits = type.limits;
    if (!unrestricted)
        principal->permissions = type.permissions;
    _anonymous = std::move(principal);
    if (alone)
        _everybody = _anonymous;
}

void Authentication::setResource(const base::Settings& settings, const Bind& bind)
{
    const std::string url = settings.text("http.publicUrl");
    const std::vector<std::string> servers = settings.list("auth.oauth.authorizationServers");
    if (url.find("://") == std::string::npos)
        settings.refuse("auth.type",
                        "names oauth, which needs http.publicUrl, such as https://mcp.example: tokens are bound to it");
    if (servers.empty())
        settings.refuse("auth.type", "names oauth, which needs auth.oauth.authorizationServers");

    _scopeTypes = readScopeTypes(settings, _types);
    const std::vector<std::string> required = settings.list("auth.oauth.requiredScopes");
    std::vector<std::string> supported = settings.list("auth.oauth.scopesSupported");
    // What a client asks for first is the least that gets it anywhere. More it is told of when it needs more.
    std::vector<std::string> least = required;
    const bool needsAType = required.empty() || settings.text("auth.jwt.defaultType").empty();
    if (needsAType && !_scopeTypes.empty() && !has(least, _scopeTypes.back().first))
        least.push_back(_scopeTypes.back().first);
    if (supported.empty())
        supported = least;
    _challenges.requiredScope = joined(required);
    _challenges.leastScope = joined(least);
    _challenges.resource = std::make_shared<ProtectedResource>(ProtectedResource::Options{
        url, bind.endpointPath, settings.text("auth.oauth.resourceName"), servers, std::move(supported)});
}

Authentication::Result Authentication::authenticate(const RequestFacts& facts, std::string_view clientAddress)
{
    Credential credential;
    std::string buffer;
    switch (_finder.find(facts, credential, buffer))
    {
    case CredentialFinder::Found::CREDENTIAL:
        return judge(facts, clientAddress, credential);
    case CredentialFinder::Found::MALFORMED:
        return {nullptr, std::make_unique<Reply>(
                             refusal(400, "invalid_request", "The credentials are malformed or given twice"))};
    case CredentialFinder::Found::UNWANTED:
        return {nullptr, std::make_unique<Reply>(_challenges.unauthorized(
                             facts.path, "", "Credentials of this kind, or in this place, are not accepted here"))};
    case CredentialFinder::Found::NOTHING:
        break;
    }
    if (_anonymous)
        return {_anonymous, nullptr};
    return {nullptr, std::make_unique<Reply>(_challenges.unauthorized(facts.path, "", "Credentials are needed"))};
}

Verdict Authentication::ask(const Credential& credential)
{
    for (const auto& authenticator : _authenticators)
    {
        Verdict verdict = authenticator->verify(credential, _clock);
        if (verdict.outcome != Verdict::Outcome::NOT_MINE)
            return verdict;
    }
    return Verdict::rejected(credential.kind == Credential::Kind::API_KEY ? "The API key is not known here"
                                                                          : "The token is not known here");
}

Authentication::Result Authentication::judge(const RequestFacts& facts, std::string_view clientAddress,
                                             const Credential& credential)
{
    // The TLS layer has done the costly part for certificates, once a connection.
    const bool remember = credential.kind != Credential::Kind::CERTIFICATE;
    const std::int64_t nowMs = _clock.steadyMs();
    Digest key{};
    if (remember)
    {
        key = _cache.keyOf(static_cast<char>(credential.kind), credential.text);
        if (base::PrincipalPtr known = _cache.find(key, nowMs))
            return {std::move(known), nullptr};
    }
    // Before the credential is looked at: an address that guesses must not learn whether it guessed right this time.
    if (_loginsPerMinute > 0)
    {
        const Buckets::State state = _logins.look(rateKey(clientAddress), _loginsPerMinute, nowMs);
        if (!state.allowed)
            return {nullptr, std::make_unique<Reply>(retryLater(
                                 429, "too_many_failed_logins",
                                 "Too many failed logins from this address; try again later", state.retryAfterMs))};
    }
    const Verdict verdict = ask(credential);
    if (verdict.outcome != Verdict::Outcome::ACCEPTED)
        return refused(facts, clientAddress, verdict);
    if (_loginsPerMinute > 0)
        _logins.succeed(rateKey(clientAddress));
    if (remember && verdict.rememberMs > 0)
        _cache.put(key, verdict.principal, nowMs + verdict.rememberMs);
    return {verdict.principal, nullptr};
}

Authentication::Result Authentication::refused(const RequestFacts& facts, std::string_view clientAddress,
                                               const Verdict& verdict)
{
    switch (verdict.outcome)
    {
    case Verdict::Outcome::UNAVAILABLE:
        return {nullptr,
                std::make_unique<Reply>(retryLater(503, "temporarily_unavailable", verdict.description, 1000))};
    case Verdict::Outcome::INSUFFICIENT:
        return {nullptr, std::make_unique<Reply>(
                             _challenges.forbidden(facts.path, _challenges.leastScope, verdict.description))};
    default:
        break;
    }
    if (_loginsPerMinute > 0 && verdict.guess)
        _logins.fail(rateKey(clientAddress), _loginsPerMinute, _clock.steadyMs());
    Poco::Logger::get("tenon.guard")
        .warning("login failed from " + base::forLog(clientAddress) + ": " + base::forLog(verdict.reason));
    return {nullptr,
            std::make_unique<Reply>(_challenges.unauthorized(facts.path, "invalid_token", verdict.description))};
}

Reply Authentication::forbidden(std::string_view path, base::Access access, std::string_view message,
                                std::string_view name, bool readOnly) const
{
    // All that the operation needs, in one challenge: one scope after the other would send people to consent twice.
    std::string_view helps;
    for (const auto& [candidate, type] : _scopeTypes)
        if (const PrincipalType* found = _types.find(type); found && found->permissions->allows(access, name, readOnly))
            helps = candidate; // the last that helps: the least, by convention
    std::string scope = helps.empty() ? std::string() : _challenges.requiredScope;
    if (!helps.empty() && (' ' + scope + ' ').find(' ' + std::string(helps) + ' ') == std::string::npos)
        scope.append(scope.empty() ? "" : " ").append(helps);
    return _challenges.forbidden(path, scope, message);
}

} // namespace tenon::guard

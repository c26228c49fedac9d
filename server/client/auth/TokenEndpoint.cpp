#include "client/auth/TokenEndpoint.h"

#include "base/json/JsonWriter.h"
#include "base/text/Base64.h"
#include "base/text/PercentCoding.h"
#include "client/ClientException.h"

#include <algorithm>
#include <chrono>

namespace tenon::client
{

namespace
{

constexpr std::int64_t ASSERTION_SECONDS = 120;

std::int64_t now()
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string withoutQuery(const std::string& url)
{
    return url.substr(0, url.find_first_of("?#"));
}

bool contains(const std::vector<std::string>& list, const std::string& text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

} // namespace

std::string Dpop::proof(const std::string& method, const std::string& url, const std::string& accessToken)
{
    std::string header, payload;
    base::JsonWriter(header).beginObject().member("typ", "dpop+jwt").rawMember("jwk", _key.publicJwk()).endObject();
    base::JsonWriter writer(payload);
    writer.beginObject().member("jti", randomText(16)).member("htm", method).member("htu", withoutQuery(url));
    writer.member("iat", now());
    if (!accessToken.empty())
        writer.member("ath", digestText(accessToken));
    {
        const std::lock_guard lock(_mutex);
        const auto nonce = _nonces.find(originOf(Poco::URI(url)));
        if (nonce != _nonces.end())
            writer.member("nonce", nonce->second);
    }
    writer.endObject();
    return _key.sign(header, payload);
}

bool Dpop::keepNonce(const std::string& url, const Poco::Net::HTTPResponse& response)
{
    const std::string nonce = response.get("DPoP-Nonce", "");
    if (nonce.empty())
        return false;
    const std::lock_guard lock(_mutex);
    std::string& kept = _nonces[originOf(Poco::URI(url))];
    const bool fresh = kept != nonce;
    kept = nonce;
    return fresh;
}

std::string TokenEndpoint::authMethod() const
{
    if (!_privateKey.empty())
        return "private_key_jwt";
    if (_client.clientSecret.empty())
        return "none";
    if (!_client.authMethod.empty())
        return _client.authMethod;
    for (const char* method : {"client_secret_basic", "client_secret_post", "none"})
        if (contains(_issuer.authMethods, method))
            return method;
    return "client_secret_basic"; // what a server that says nothing takes, by RFC 8414
}

std::string TokenEndpoint::assertion() const
{
    std::string payload;
    base::JsonWriter(payload)
        .beginObject()
        .member("iss", _client.clientId)
        .member("sub", _client.clientId)
        .member("aud", _issuer.issuer)
        .member("iat", now())
        .member("exp", now() + ASSERTION_SECONDS)
        .member("jti", randomText(16))
        .endObject();
    return SigningKey::fromPem(_privateKey).sign(R"({"typ":"JWT"})", payload);
}

void TokenEndpoint::authenticate(AuthForm& form, AuthHeaders& headers) const
{
    const std::string method = authMethod();
    if (method == "client_secret_basic")
    {
        headers.emplace_back("Authorization", "Basic " + base::toBase64(base::percentEncoded(_client.clientId) + ':' +
                                                                        base::percentEncoded(_client.clientSecret)));
        return;
    }
    form.emplace_back("client_id", _client.clientId);
    if (method == "client_secret_post")
        form.emplace_back("client_secret", _client.clientSecret);
    else if (method == "private_key_jwt")
    {
        form.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.emplace_back("client_assertion", assertion());
    }
}

TokenSet TokenEndpoint::request(AuthForm form) const
{
    AuthHeaders fixed;
    authenticate(form, fixed);
    AuthAnswer answer;
    for (bool again = false;; again = true)
    {
        AuthHeaders headers = fixed;
        if (_dpop)
            headers.emplace_back("DPoP", _dpop->proof("POST", _issuer.tokenEndpoint, ""));
        answer = _http.post(_issuer.tokenEndpoint, form, headers);
        const bool fresh = _dpop && _dpop->keepNonce(_issuer.tokenEndpoint, answer.response);
        if (again || !fresh || answer.text("error") != "use_dpop_nonce")
            break;
    }
    TokenSet token;
    token.accessToken = answer.text("access_token");
    if (!answer.ok() || token.accessToken.empty())
        throw ClientException(Fault::NOT_ALLOWED,
                              "the authorization server " + _issuer.issuer + " issued no token: " + answer.fault(),
                              answer.status);
    token.issuer = _issuer.issuer;
    token.refreshToken = answer.text("refresh_token");
    token.scope = answer.text("scope");
    const std::string type = answer.text("token_type");
    token.type = type.empty() ? "Bearer" : type;
    if (answer.json->has("expires_in"))
        token.expiresAt = now() + answer.json->optValue<Poco::Int64>("expires_in", 0);
    if (_dpop && Poco::icompare(token.type, "DPoP") == 0)
        token.dpopKey = _dpop->key().toPem();
    return token;
}

} // namespace tenon::client

#include "guard/jwt/JwtSetup.h"

#include "base/text/Base64.h"
#include "base/text/RandomId.h"
#include "guard/login/Digest.h"
#include "guard/login/ProtectedResource.h"
#include "guard/web/Bind.h"

#include <Poco/Crypto/ECKey.h>
#include <Poco/Crypto/RSAKey.h>
#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/JSON/Array.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>
#include <Poco/StreamCopier.h>

namespace tenon::guard
{

namespace
{

std::string readSecret(const std::string& path)
{
    Poco::FileInputStream stream(path);
    std::string secret;
    Poco::StreamCopier::copyToString(stream, secret);
    while (secret.ends_with('\n') || secret.ends_with('\r'))
        secret.pop_back();
    return secret;
}

/// Gives `signer` the key and says which algorithm it is for.
std::string setKey(Poco::JWT::Signer& signer, const base::Settings& settings, const std::string& privateKeyFile)
{
    if (privateKeyFile.empty())
    {
        const std::string file = settings.text("auth.jwt.secretFile");
        if (file.empty())
            throw Poco::InvalidArgumentException(
                "a token is signed with auth.jwt.secretFile or a private key; neither is given");
        signer.setHMACKey(readSecret(file));
        return Poco::JWT::Signer::ALGO_HS256;
    }
    try
    {
        signer.setRSAKey(new Poco::Crypto::RSAKey("", privateKeyFile));
        return Poco::JWT::Signer::ALGO_RS256;
    }
    catch (const Poco::Exception&)
    {
        // Not an RSA key: an elliptic one, or the next line says what is wrong.
    }
    const Poco::SharedPtr<Poco::Crypto::ECKey> key(new Poco::Crypto::ECKey("", privateKeyFile));
    signer.setECKey(key);
    const int bits = key->size();
    return bits == 256   ? Poco::JWT::Signer::ALGO_ES256
           : bits == 384 ? Poco::JWT::Signer::ALGO_ES384
                         : Poco::JWT::Signer::ALGO_ES512;
}

std::size_t signatureSize(const std::string& algorithm)
{
    return algorithm == "ES256" ? 64 : algorithm == "ES384" ? 96 : algorithm == "ES512" ? 132 : 0;
}

std::string audienceFor(const base::Settings& settings, const TokenRequest& request)
{
    if (!request.audience.empty())
        return request.audience;
    const std::vector<std::string> accepted = settings.list("auth.jwt.audience");
    return accepted.empty() ? settings.text("http.publicUrl") : accepted.front();
}

std::string issuerOf(const base::Settings& settings)
{
    std::vector<std::string> issuers = settings.list("auth.jwt.issuers");
    if (issuers.empty())
        issuers = settings.list("auth.oauth.authorizationServers");
    return issuers.empty() ? "tenon" : issuers.front();
}

} // namespace

std::string mintToken(const base::Settings& settings, const TokenRequest& request, const Clock& clock)
{
    if (request.subject.empty())
        throw Poco::InvalidArgumentException("a token needs a subject");
    Poco::JWT::Signer signer;
    const std::string algorithm = setKey(signer, settings, request.privateKeyFile);

    Poco::JWT::Token token;
    token.setType("JWT");
    Poco::JSON::Object& claims = token.payload();
    claims.set("iss", issuerOf(settings));
    claims.set("sub", request.subject);
    const std::string audience = audienceFor(settings, request);
    if (!audience.empty())
        claims.set("aud", audience);
    const std::int64_t now = clock.unixSeconds();
    claims.set("iat", static_cast<Poco::Int64>(now));
    claims.set("exp", static_cast<Poco::Int64>(now + request.lifetimeSeconds));
    const std::string typeClaim = settings.text("auth.jwt.typeClaim");
    if (!request.type.empty() && !typeClaim.empty())
        claims.set(typeClaim, request.type);
    const std::string permissionsClaim = settings.text("auth.jwt.permissionsClaim");
    if (!request.permissions.empty() && !permissionsClaim.empty())
    {
        Poco::JSON::Array::Ptr list(new Poco::JSON::Array);
        for (const std::string& permission : request.permissions)
            list->add(permission);
        claims.set(permissionsClaim, list);
    }
    if (!request.scope.empty())
        claims.set("scope", request.scope);

    // POCO writes the two numbers of an elliptic signature without leading zeros. One signature in a hundred is too
    // short for it, and the next one is another.
    while (true)
    {
        claims.set("jti", base::randomId());
        std::string text = signer.sign(token, algorithm);
        std::string signature;
        if (signatureSize(algorithm) == 0 ||
            (base::fromBase64Url(std::string_view(text).substr(text.rfind('.') + 1), signature) &&
             signature.size() == signatureSize(algorithm)))
            return text;
    }
}

} // namespace tenon::guard

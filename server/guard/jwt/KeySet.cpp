#include "guard/jwt/KeySet.h"

#include "base/json/JsonDocument.h"
#include "base/text/Base64.h"
#include "guard/jwt/SubjectPublicKey.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Exception.h>

#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace tenon::guard
{

namespace
{

constexpr std::size_t MIN_SECRET_BYTES = 32;
constexpr std::size_t MIN_RSA_BYTES = 256;
constexpr std::size_t MAX_KEYS = 64;
constexpr std::size_t MAX_CANDIDATES = 8;

constexpr std::array<std::string_view, 9> ALGORITHMS = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                                        "RS512", "ES256", "ES384", "ES512"};

void bindRsa(VerificationKey& key)
{
    if (key.rsa->modulus().size() < MIN_RSA_BYTES)
        throw Poco::InvalidArgumentException("an RSA key must have 2048 bits or more");
    key.algorithms = {"RS256", "RS384", "RS512"};
}

void setRsa(VerificationKey& key, const std::string& pem)
{
    std::istringstream stream(pem);
    key.rsa = new Poco::Crypto::RSAKey(&stream);
    bindRsa(key);
}

/// The one algorithm of the curve a key lies on.
std::string algorithmOf(const Poco::Crypto::ECKey& key)
{
    switch (key.impl()->groupId())
    {
    case NID_X9_62_prime256v1:
        return "ES256";
    case NID_secp384r1:
        return "ES384";
    case NID_secp521r1:
        return "ES512";
    default:
        throw Poco::InvalidArgumentException("the curve of the key is not P-256, P-384 or P-521");
    }
}

void setEc(VerificationKey& key, const std::string& pem)
{
    std::istringstream stream(pem);
    key.ec = new Poco::Crypto::ECKey(&stream);
    key.algorithms = {algorithmOf(*key.ec)};
}

VerificationKey fromPublicKey(const std::string& pem)
{
    VerificationKey key;
    try
    {
        setRsa(key, pem);
        return key;
    }
    catch (const Poco::InvalidArgumentException&)
    {
        throw;
    }
    catch (const Poco::Exception&)
    {
        key = {}; // not an RSA key; what it is, the next reader says
    }
    setEc(key, pem);
    return key;
}

VerificationKey fromCertificate(const std::string& pem)
{
    std::istringstream stream(pem);
    const Poco::Crypto::X509Certificate certificate(stream);
    VerificationKey key;
    try
    {
        key.rsa = new Poco::Crypto::RSAKey(certificate);
        bindRsa(key);
    }
    catch (const Poco::InvalidArgumentException&)
    {
        throw;
    }
    catch (const Poco::Exception&)
    {
        key = {};
        key.ec = new Poco::Crypto::ECKey(certificate);
        key.algorithms = {algorithmOf(*key.ec)};
    }
    return key;
}

bool fromJwk(const base::JsonDocument::Element& jwk, VerificationKey& key)
{
    using base::textMember;
    const std::string_view use = textMember(jwk, "use"), kind = textMember(jwk, "kty");
    if (!use.empty() && use != "sig")
        return false;
    std::string first, second;
    if (kind == "RSA")
    {
        if (!base::fromBase64Url(textMember(jwk, "n"), first) || !base::fromBase64Url(textMember(jwk, "e"), second))
            return false;
        setRsa(key, rsaPem(first, second));
    }
    else if (kind == "EC")
    {
        if (!base::fromBase64Url(textMember(jwk, "x"), first) || !base::fromBase64Url(textMember(jwk, "y"), second))
            return false;
        setEc(key, ecPem(textMember(jwk, "crv"), first, second));
    }
    else
        return false;
    key.id = textMember(jwk, "kid");
    const std::string algorithm(textMember(jwk, "alg"));
    if (!algorithm.empty())
    {
        if (!key.fits(algorithm))
            return false;
        key.algorithms = {algorithm};
    }
    return true;
}

} // namespace

bool VerificationKey::fits(std::string_view algorithm) const
{
    return std::find(algorithms.begin(), algorithms.end(), algorithm) != algorithms.end();
}

bool isSignatureAlgorithm(std::string_view name)
{
    return std::find(ALGORITHMS.begin(), ALGORITHMS.end(), name) != ALGORITHMS.end();
}

void KeySet::addSecret(std::string secret)
{
    if (secret.size() < MIN_SECRET_BYTES)
        throw Poco::InvalidArgumentException(
            "the secret for JSON Web Tokens must have 32 bytes or more: openssl rand -base64 48");
    VerificationKey key;
    key.secret = std::move(secret);
    key.algorithms = {"HS256", "HS384", "HS512"};
    _keys.push_back(std::move(key));
}

void KeySet::addPem(std::string_view pem)
{
    constexpr std::string_view BEGIN = "-----BEGIN ", END = "-----END ";
    std::size_t blocks = 0;
    for (std::size_t begin = 0; (begin = pem.find(BEGIN, begin)) != std::string_view::npos;)
    {
        const std::size_t end = pem.find(END, begin);
        const std::size_t close = end == std::string_view::npos ? end : pem.find("-----", end + END.size());
        if (close == std::string_view::npos)
            throw Poco::InvalidArgumentException("a PEM block has no end");
        const std::string block(pem.substr(begin, close + 5 - begin));
        if (block.find("PRIVATE KEY") != std::string::npos)
            throw Poco::InvalidArgumentException("this is a private key; use the public one");
        _keys.push_back(block.starts_with("-----BEGIN CERTIFICATE") ? fromCertificate(block + "\n")
                                                                    : fromPublicKey(block + "\n"));
        begin = close;
        ++blocks;
    }
    if (blocks == 0)
        throw Poco::InvalidArgumentException("there is no PEM block");
}

void KeySet::addJwks(std::string_view json)
{
    const base::JsonDocumentPtr document = base::JsonDocument::parse(json);
    simdjson::dom::element list;
    simdjson::dom::array keys;
    if (!base::findMember(document->root(), "keys", list) || list.get(keys) != simdjson::SUCCESS)
        throw Poco::DataFormatException("not a JSON Web Key Set: it has no array 'keys'");
    for (const auto& jwk : keys)
    {
        if (_keys.size() >= MAX_KEYS)
            break;
        try
        {
            VerificationKey key;
            if (fromJwk(jwk, key))
                _keys.push_back(std::move(key));
        }
        catch (const Poco::Exception&)
        {
            // One key that cannot be used must not take the others along.
        }
    }
}

void KeySet::restrictTo(const std::vector<std::string>& algorithms)
{
    if (algorithms.empty())
        return;
    for (VerificationKey& key : _keys)
        std::erase_if(key.algorithms, [&](const std::string& algorithm)
                      { return std::find(algorithms.begin(), algorithms.end(), algorithm) == algorithms.end(); });
}

std::vector<const VerificationKey*> KeySet::candidates(std::string_view id, std::string_view algorithm) const
{
    std::vector<const VerificationKey*> found;
    for (const VerificationKey& key : _keys)
        if (key.fits(algorithm) && (id.empty() || key.id.empty() || key.id == id) && found.size() < MAX_CANDIDATES)
            found.push_back(&key);
    return found;
}

bool KeySet::knows(std::string_view id) const
{
    return std::any_of(_keys.begin(), _keys.end(), [&](const VerificationKey& key) { return key.id == id; });
}

} // namespace tenon::guard

#include "guard/jwt/JwtVerifier.h"

#include "base/text/Base64.h"
#include "guard/login/Digest.h"
#include "guard/login/Rules.h"

#include <Poco/Crypto/CryptoException.h>
#include <Poco/Exception.h>
#include <Poco/JWT/JWTException.h>
#include <Poco/JWT/Signer.h>
#include <Poco/StringTokenizer.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace tenon::guard
{

struct JwtVerifier::Parts
{
    std::string_view whole, signedPart, signature, issuer;
    std::string algorithm, keyId;
};

namespace
{

using Element = base::JsonDocument::Element;

constexpr std::size_t MAX_TOKEN_BYTES = 16 * 1024;
/// A key that was withdrawn stops working after this time, even for tokens that are remembered.
constexpr std::int64_t REMEMBER_MS = 60'000;

Verdict good()
{
    return {Verdict::Outcome::ACCEPTED, nullptr, 0, {}, {}, false};
}

/// Seconds since 1970. False if the claim is absent or no number.
bool timeClaim(const Element& claims, std::string_view name, double& seconds, bool& present)
{
    Element value;
    present = base::findMember(claims, name, value);
    return present && value.get(seconds) == simdjson::SUCCESS;
}

/// The items of an array of texts, or of a text with spaces.
std::vector<std::string> listClaim(const Element& claims, std::string_view name)
{
    std::vector<std::string> items;
    Element value;
    simdjson::dom::array array;
    std::string_view text;
    if (name.empty() || !base::findMember(claims, name, value))
        return items;
    if (value.get(array) == simdjson::SUCCESS)
    {
        for (const auto& item : array)
            if (item.get(text) == simdjson::SUCCESS)
                items.emplace_back(text);
    }
    else if (value.get(text) == simdjson::SUCCESS)
    {
        const Poco::StringTokenizer words(std::string(text), " ", Poco::StringTokenizer::TOK_IGNORE_EMPTY);
        items.assign(words.begin(), words.end());
    }
    return items;
}

bool contains(const std::vector<std::string>& list, std::string_view item)
{
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Here and not by POCO's signer, which compares with `==`.
bool verifyHmac(const std::string& secret, std::string_view algorithm, std::string_view text,
                std::string_view signature)
{
    const EVP_MD* hash = algorithm == "HS256" ? EVP_sha256() : algorithm == "HS384" ? EVP_sha384() : EVP_sha512();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!HMAC(hash, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()),
              text.size(), digest, &size))
        return false;
    return equalInConstantTime({reinterpret_cast<const char*>(digest), size}, signature);
}

bool verifyWith(const VerificationKey& key, const std::string& algorithm, std::string_view whole,
                std::string_view signedPart, std::string_view signature)
{
    if (!key.secret.empty())
        return verifyHmac(key.secret, algorithm, signedPart, signature);
    const std::size_t ecSize = algorithm == "ES256" ? 64 : algorithm == "ES384" ? 96 : 132;
    if (key.ec && signature.size() != ecSize)
        return false;
    try
    {
        Poco::JWT::Signer signer;
        signer.setAlgorithms({algorithm});
        if (key.rsa)
            signer.setRSAKey(key.rsa);
        else
            signer.setECKey(key.ec);
        (void)signer.verify(std::string(whole));
        return true;
    }
    catch (const Poco::Exception&)
    {
        return false; // of the signature, the only thing that is still open
    }
}

} // namespace

JwtVerifier::JwtVerifier(Options options, std::vector<std::shared_ptr<KeySource>> sources, const Types& types)
    : _options(std::move(options)), _sources(std::move(sources)), _types(types)
{
}

Verdict JwtVerifier::verify(const Credential& credential, const Clock& clock)
{
    const std::string_view token = credential.text;
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (credential.kind != Credential::Kind::BEARER || second == std::string_view::npos)
        return {};
    if (token.size() > MAX_TOKEN_BYTES || token.find('.', second + 1) != std::string_view::npos)
        return Verdict::rejected("The token is not a signed JSON Web Token");

    std::string header, payload, signature;
    if (!base::fromBase64Url(token.substr(0, first), header) ||
        !base::fromBase64Url(token.substr(first + 1, second - first - 1), payload) ||
        !base::fromBase64Url(token.substr(second + 1), signature))
        return Verdict::rejected("The token is not a signed JSON Web Token");
    try
    {
        const base::JsonDocumentPtr head = base::JsonDocument::parse(header);
        // What is critical to the issuer and unknown here may take the meaning from all the rest.
        Element critical;
        if (base::findMember(head->root(), "crit", critical))
            return Verdict::rejected("The token demands extensions that are not supported");
        const base::JsonDocumentPtr claims = base::JsonDocument::parse(payload);
        // Nothing of the claims is believed yet: the issuer they name only says whose keys must have signed them.
        const Parts parts{token,
                          token.substr(0, second),
                          signature,
                          base::textMember(claims->root(), "iss"),
                          std::string(base::textMember(head->root(), "alg")),
                          std::string(base::textMember(head->root(), "kid"))};
        Verdict verdict = checkSignature(parts);
        if (verdict.outcome != Verdict::Outcome::ACCEPTED)
            return verdict;
        verdict = checkClaims(claims->root(), clock);
        if (verdict.outcome == Verdict::Outcome::ACCEPTED)
            verdict = admit(claims->root(), token, clock);
        verdict.guess = false; // the issuer signed it
        return verdict;
    }
    catch (const Poco::DataFormatException&)
    {
        return Verdict::rejected("The token is not a signed JSON Web Token");
    }
}

Verdict JwtVerifier::checkSignature(const Parts& parts)
{
    if (!isSignatureAlgorithm(parts.algorithm))
        return Verdict::rejected("The token is not signed with an algorithm that is accepted here");

    bool undecided = false, fitting = false, served = false;
    for (const auto& source : _sources)
    {
        if (!source->serves(parts.issuer))
            continue;
        served = true;
        KeySetPtr keys = source->keys();
        if (!keys)
        {
            source->refresh();
            undecided = true;
        }
        while (keys)
        {
            for (const VerificationKey* key : keys->candidates(parts.keyId, parts.algorithm))
            {
                fitting = true;
                if (verifyWith(*key, parts.algorithm, parts.whole, parts.signedPart, parts.signature))
                    return good();
            }
            // The issuer may have a new key that we have not seen yet, or that came in while we looked at the old ones.
            if (!parts.keyId.empty() && keys->knows(parts.keyId))
                break;
            if (source->refresh())
            {
                undecided = true;
                break;
            }
            KeySetPtr now = source->keys();
            keys = now == keys ? nullptr : std::move(now);
        }
    }
    if (undecided)
        return {Verdict::Outcome::UNAVAILABLE,
                nullptr,
                0,
                "The keys of the token's issuer are being fetched; try again",
                {},
                false};
    if (!served)
        return Verdict::rejected("The token is from an issuer that is not accepted here");
    if (!fitting)
        return Verdict::rejected("The token is not signed with a key and algorithm that are accepted here");
    return Verdict::rejected("The signature of the token is wrong");
}

Verdict JwtVerifier::checkClaims(const Element& claims, const Clock& clock) const
{
    const auto now = static_cast<double>(clock.unixSeconds());
    const auto skew = static_cast<double>(_options.skewSeconds);
    double moment = 0;
    bool present = false;
    if (!timeClaim(claims, "exp", moment, present))
        return Verdict::rejected("The token has no expiry (exp)");
    if (now >= moment + skew)
        return Verdict::rejected("The token has expired");
    if (timeClaim(claims, "nbf", moment, present) ? now < moment - skew : present)
        return Verdict::rejected("The token is not valid yet (nbf)");

    const std::string_view issuer = base::textMember(claims, "iss");
    if (!_options.issuers.empty() && !contains(_options.issuers, issuer))
        return Verdict::rejected("The token is from an issuer that is not accepted here");
    return checkAudience(claims);
}

Verdict JwtVerifier::checkAudience(const Element& claims) const
{
    Element value;
    if (!base::findMember(claims, "aud", value))
        return _options.audienceRequired ? Verdict::rejected("The token has no audience (aud)") : good();
    std::string_view text;
    simdjson::dom::array array;
    if (value.get(text) == simdjson::SUCCESS && contains(_options.audiences, text))
        return good();
    if (value.get(array) == simdjson::SUCCESS)
        for (const auto& item : array)
            if (item.get(text) == simdjson::SUCCESS && contains(_options.audiences, text))
                return good();
    return Verdict::rejected("The token is for another audience (aud)",
                             _options.audiences.empty()
                                 ? "the token has an audience, and neither auth.jwt.audience nor http.publicUrl is set"
                                 : "the token is for another audience");
}

/// Only what its issuer made out to another server may be shown to that one: anything else would let this server, or who
/// talks it into that, use a token where it was not meant to be used.
base::ForwardedTokenPtr JwtVerifier::forwardable(const Element& claims, std::string_view token) const
{
    std::vector<std::string> audiences;
    for (std::string& audience : listClaim(claims, "aud"))
        if (contains(_options.forwardTo, audience))
            audiences.push_back(std::move(audience));
    if (audiences.empty())
        return nullptr;
    return std::make_shared<base::ForwardedToken>(base::ForwardedToken{std::string(token), std::move(audiences)});
}

Verdict JwtVerifier::admit(const Element& claims, std::string_view token, const Clock& clock) const
{
    std::vector<std::string> scopes = listClaim(claims, "scope");
    for (std::string& scope : listClaim(claims, "scp"))
        scopes.push_back(std::move(scope));
    for (const std::string& required : _options.requiredScopes)
        if (!contains(scopes, required))
            return {
                Verdict::Outcome::INSUFFICIENT, nullptr, 0, "The token lacks a scope that is required here", {}, false};

    std::string_view subject = base::textMember(claims, "sub");
    if (subject.empty())
        subject = base::textMember(claims, "client_id");
    if (subject.empty())
        return Verdict::rejected("The token has no subject (sub)");
    const std::string type = typeOf(claims, scopes);
    const PrincipalType* found = _types.find(type);
    if (!found)
        return {
            Verdict::Outcome::INSUFFICIENT, nullptr, 0, "The token has no scope that allows anything here", {}, false};

    std::shared_ptr<const base::Permissions> own;
    Element permissions;
    if (!_options.permissionsClaim.empty() && base::findMember(claims, _options.permissionsClaim, permissions))
        own = std::make_shared<Rules>(Rules::parse(listClaim(claims, _options.permissionsClaim), true));

    std::map<std::string, std::string> told;
    for (const char* name : {"iss", "sub", "client_id", "scope", "email", "preferred_username"})
        if (const std::string_view text = base::textMember(claims, name); !text.empty())
            told.emplace(name, text);
    std::string_view name = base::textMember(claims, "preferred_username");
    if (name.empty())
        name = base::textMember(claims, "name");

    double expires = 0;
    bool present = false;
    (void)timeClaim(claims, "exp", expires, present);
    const auto left = static_cast<std::int64_t>(
        std::min((expires + static_cast<double>(_options.skewSeconds - clock.unixSeconds())) * 1000, 1e15));
    base::Principal who;
    who.id = "jwt:" + std::string(base::textMember(claims, "iss")) + "|" + std::string(subject);
    who.name = name.empty() ? subject : name;
    who.type = type;
    who.claims = std::move(told);
    who.permissions = std::move(own);
    who.mayAskForMore = true;
    who.token = forwardable(claims, token);
    who.expiresAt = steadyMoment(clock, left);
    return {Verdict::Outcome::ACCEPTED, Types::make(*found, std::move(who)), std::min(left, REMEMBER_MS), {}, {}};
}

std::string JwtVerifier::typeOf(const Element& claims, const std::vector<std::string>& scopes) const
{
    if (!_options.typeClaim.empty())
    {
        const std::string_view named = base::textMember(claims, _options.typeClaim);
        if (!named.empty() && _types.find(named))
            return std::string(named);
    }
    for (const auto& [scope, type] : _options.scopeTypes)
        if (contains(scopes, scope))
            return type;
    return _options.defaultType;
}

} // namespace tenon::guard

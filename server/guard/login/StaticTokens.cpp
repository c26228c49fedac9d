#include "guard/login/StaticTokens.h"

#include "base/text/Hex.h"
#include "guard/login/Rules.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <optional>

namespace tenon::guard
{

namespace
{

std::int64_t readDate(const base::Settings& settings, const std::string& key)
{
    const std::string text = settings.text(key);
    Poco::DateTime date;
    int offset = 0;
    // POCO's parser takes what it finds and lets the rest be zero: the form is checked apart.
    constexpr std::string_view FORM = "0000-00-00T00:00:00";
    bool formed = text.size() > FORM.size();
    for (std::size_t at = 0; formed && at < FORM.size(); ++at)
        formed = FORM[at] == '0' ? text[at] >= '0' && text[at] <= '9' : text[at] == FORM[at];
    if (!formed || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FORMAT, text, date, offset))
        settings.refuse(key, "is not a date such as 2027-01-31T00:00:00Z: " + text);
    date.makeUTC(offset);
    return date.timestamp().epochTime();
}

/// In seconds since 1970; nothing: never.
std::optional<std::int64_t> expiryOf(const base::Settings& settings, const std::string& token)
{
    const std::string key = "auth.token." + token + ".expires";
    return settings.text(key).empty() ? std::nullopt : std::optional(readDate(settings, key));
}

} // namespace

StaticTokens::StaticTokens(const base::Settings& settings, const Types& types, bool bearer, bool apiKey,
                           const Clock& clock)
    : _bearer(bearer), _apiKey(apiKey)
{
    for (const std::string& name : settings.namesUnder("auth.token."))
    {
        const std::string prefix = "auth.token." + name + ".";
        Token token;
        requireKey(settings, prefix, "sha256", "a token");
        const std::string type = settings.text(prefix + "type");
        const PrincipalType& kind = types.require(type, settings.at(prefix + "type"));
        std::shared_ptr<const base::Permissions> own;
        if (settings.isSet(prefix + "permissions"))
            own = readPermissions(settings, prefix + "permissions");
        base::Principal who{"token:" + name, name, type, {}, std::move(own)};
        if (const auto expires = expiryOf(settings, name))
        {
            token.expires = *expires;
            who.expiresAt = steadyMoment(clock, (token.expires - clock.unixSeconds()) * 1000);
        }
        if (!base::fromHex(settings.text(prefix + "sha256"), token.digest))
            settings.refuse(prefix + "sha256", "must be the 64 hexadecimal digits of the token's SHA-256");
        if (token.digest == sha256(std::string_view()))
            settings.refuse(prefix + "sha256", "is the hash of an empty text: sha256sum was given no token");
        for (const Token& other : _tokens)
            if (other.digest == token.digest)
                settings.refuse(prefix + "sha256", "is the hash of another token, " + other.principal->name);
        token.principal = Types::make(kind, std::move(who));
        _tokens.push_back(std::move(token));
    }
}

Verdict StaticTokens::verify(const Credential& credential, const Clock& clock)
{
    const bool mine = (_bearer && credential.kind == Credential::Kind::BEARER) ||
                      (_apiKey && credential.kind == Credential::Kind::API_KEY);
    if (!mine)
        return {};

    const Digest digest = sha256(credential.text);
    const Token* found = nullptr;
    for (const Token& token : _tokens)
        if (equalInConstantTime(token.digest, digest))
            found = &token;
    if (!found)
        return {};

    const std::int64_t left = found->expires - clock.unixSeconds();
    if (left <= 0)
    {
        Verdict verdict =
            Verdict::rejected("The token has expired", "the token '" + found->principal->name + "' has expired");
        verdict.guess = false;
        return verdict;
    }
    const std::int64_t remember = left > Verdict::REMEMBER_MS / 1000 ? Verdict::REMEMBER_MS : left * 1000;
    return {Verdict::Outcome::ACCEPTED, found->principal, remember, {}, {}, false};
}

std::vector<std::string> expiredTokens(const base::Settings& settings, const Clock& clock)
{
    std::vector<std::string> lines;
    for (const std::string& name : settings.namesUnder("auth.token."))
        if (const auto expires = expiryOf(settings, name); expires && *expires <= clock.unixSeconds())
            lines.push_back(settings.at("auth.token." + name + ".expires") +
                            " is in the past, so the token lets nobody in");
    return lines;
}

} // namespace tenon::guard

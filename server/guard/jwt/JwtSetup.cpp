#include "guard/jwt/JwtSetup.h"

#include "base/text/Ascii.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>

#include <algorithm>

namespace tenon::guard
{

namespace
{

std::string readFile(const base::Settings& settings, const std::string& key)
{
    const std::string path = settings.text(key);
    try
    {
        Poco::FileInputStream stream(path);
        std::string content;
        Poco::StreamCopier::copyToString(stream, content);
        return content;
    }
    catch (const Poco::Exception& exc)
    {
        settings.refuse(key, "names " + path + ", which cannot be read: " + exc.displayText());
    }
}

/// Secrets are often written by `openssl rand -base64 48 > file`; the line's end is not part of them.
std::string withoutLineEnd(std::string text)
{
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return text;
}

std::vector<std::string> readAlgorithms(const base::Settings& settings)
{
    std::vector<std::string> algorithms = settings.list("auth.jwt.algorithms");
    for (const std::string& algorithm : algorithms)
        if (!isSignatureAlgorithm(algorithm))
            settings.refuse("auth.jwt.algorithms", "holds '" + algorithm + "', which is not accepted");
    return algorithms;
}

/// The keys in files; null if no file is named.
KeySetPtr readKeyFiles(const base::Settings& settings, const std::vector<std::string>& algorithms)
{
    auto keys = std::make_shared<KeySet>();
    const std::string secretFile = settings.text("auth.jwt.secretFile"), keyFile = settings.text("auth.jwt.keyFile");
    if (!secretFile.empty())
    {
        std::string secret = withoutLineEnd(readFile(settings, "auth.jwt.secretFile"));
        try
        {
            keys->addSecret(std::move(secret));
        }
        catch (const Poco::InvalidArgumentException& exc)
        {
            settings.refuse("auth.jwt.secretFile", "names " + secretFile + ", which cannot be used: " + exc.message());
        }
    }
    if (!keyFile.empty())
    {
        const std::string content = readFile(settings, "auth.jwt.keyFile");
        try
        {
            if (const auto first = content.find_first_not_of(" \t\r\n"); first != content.npos && content[first] == '{')
                keys->addJwks(content);
            else
                keys->addPem(content);
        }
        catch (const Poco::Exception& exc)
        {
            settings.refuse("auth.jwt.keyFile", "names " + keyFile + ", which cannot be used: " + exc.displayText());
        }
        if (keys->empty())
            settings.refuse("auth.jwt.keyFile", "names " + keyFile + ", which contains no usable key");
    }
    keys->restrictTo(algorithms);
    return keys->empty() ? nullptr : keys;
}

/// The issuers whose tokens are accepted; empty: all.
std::vector<std::string> issuersOf(const base::Settings& settings, bool oauth)
{
    std::vector<std::string> issuers = settings.list("auth.jwt.issuers");
    if (issuers.empty() && oauth)
        issuers = settings.list("auth.oauth.authorizationServers");
    return issuers;
}

/// The keys with these options: those that are being fetched already, or new ones.
std::shared_ptr<RemoteKeys> keysFrom(const RemoteKeys::Options& options, const Clock& clock,
                                     const KeyFetching& fetching)
{
    for (const auto& known : fetching.keys)
        if (known->options() == options)
            return known;
    return std::make_shared<RemoteKeys>(options, fetching.fetcher, clock);
}

std::vector<std::shared_ptr<KeySource>> makeSources(const base::Settings& settings, bool oauth, const Clock& clock,
                                                    KeyFetching& fetching)
{
    const std::vector<std::string> algorithms = readAlgorithms(settings);
    std::vector<std::shared_ptr<KeySource>> sources;
    if (KeySetPtr keys = readKeyFiles(settings, algorithms))
        sources.push_back(std::make_shared<FixedKeys>(std::move(keys)));

    const std::vector<std::string> issuers = issuersOf(settings, oauth);
    RemoteKeys::Options options{
        settings.text("auth.jwt.jwksUrl"), {}, settings.integer("auth.jwt.jwksRefreshMs"), algorithms};
    std::vector<std::shared_ptr<RemoteKeys>> remote;
    if (!options.jwksUrl.empty())
    {
        // Of several issuers it is the operator's word that they share their keys.
        options.issuer = issuers.size() == 1 ? issuers.front() : std::string();
        remote.push_back(keysFrom(options, clock, fetching));
    }
    else if (oauth && sources.empty())
        // Each has keys of its own: those of one must not vouch for another, nor one that is down stop the others.
        for (const std::string& issuer : settings.list("auth.oauth.authorizationServers"))
        {
            options.issuer = issuer;
            remote.push_back(keysFrom(options, clock, fetching));
        }
    sources.insert(sources.end(), remote.begin(), remote.end());
    fetching.keys = std::move(remote);
    if (sources.empty())
        settings.refuse("auth.type", "names jwt, which needs keys: auth.jwt.secretFile, auth.jwt.keyFile or "
                                     "auth.jwt.jwksUrl");
    return sources;
}

/// The audiences of servers behind this one that get the tokens made out to them.
std::vector<std::string> readForwardTo(const base::Settings& settings, const std::vector<std::string>& own)
{
    std::vector<std::string> audiences;
    for (const auto& name : settings.namesUnder("upstream."))
    {
        const std::string key = "upstream." + name + ".auth.audience";
        if (settings.text(key).empty())
            continue;
        audiences.push_back(settings.text(key));
        if (std::find(own.begin(), own.end(), audiences.back()) != own.end())
            settings.refuse(key, "is an audience of this server: every token for this server would be passed on");
    }
    return audiences;
}

} // namespace

std::vector<std::pair<std::string, std::string>> readScopeTypes(const base::Settings& settings, const Types& types)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string& item : settings.list("auth.oauth.scopeTypes"))
    {
        const auto equals = item.rfind('=');
        if (equals == std::string::npos || equals == 0)
            settings.refuse("auth.oauth.scopeTypes", "holds '" + item + "', which is not of the form scope=type");
        std::string type(base::trimmed(std::string_view(item).substr(equals + 1)));
        (void)types.require(type, settings.at("auth.oauth.scopeTypes"));
        pairs.emplace_back(base::trimmed(std::string_view(item).substr(0, equals)), std::move(type));
    }
    return pairs;
}

std::unique_ptr<JwtVerifier> makeJwtVerifier(const base::Settings& settings, bool oauth,
                                             std::vector<std::string> ownAudiences, const Types& types,
                                             const Clock& clock, KeyFetching& fetching)
{
    JwtVerifier::Options options;
    options.issuers = issuersOf(settings, oauth);
    options.audiences = settings.list("auth.jwt.audience");
    options.audiences.insert(options.audiences.end(), ownAudiences.begin(), ownAudiences.end());
    options.audienceRequired = oauth;
    options.forwardTo = readForwardTo(settings, options.audiences);
    options.skewSeconds = settings.integer("auth.jwt.clockSkewMs") / 1000;
    options.typeClaim = settings.text("auth.jwt.typeClaim");
    options.permissionsClaim = settings.text("auth.jwt.permissionsClaim");
    options.defaultType = settings.text("auth.jwt.defaultType");
    if (!options.defaultType.empty())
        (void)types.require(options.defaultType, settings.at("auth.jwt.defaultType"));
    if (oauth)
    {
        options.requiredScopes = settings.list("auth.oauth.requiredScopes");
        options.scopeTypes = readScopeTypes(settings, types);
    }
    return std::make_unique<JwtVerifier>(std::move(options), makeSources(settings, oauth, clock, fetching), types);
}

} // namespace tenon::guard

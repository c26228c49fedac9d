#include "guard/jwt/JwtSetup.h"

#include "base/Ascii.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>

#include <algorithm>

namespace tenon::guard
{

namespace
{

std::string readFile(const std::string& path, const std::string& key)
{
    try
    {
        Poco::FileInputStream stream(path);
        std::string content;
        Poco::StreamCopier::copyToString(stream, content);
        return content;
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::InvalidArgumentException(key + ": cannot read " + path + ": " + exc.displayText());
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
            throw Poco::InvalidArgumentException("auth.jwt.algorithms: '" + algorithm + "' is not accepted");
    return algorithms;
}

/// The keys in files; null if no file is named.
KeySetPtr readKeyFiles(const base::Settings& settings, const std::vector<std::string>& algorithms)
{
    auto keys = std::make_shared<KeySet>();
    const std::string secretFile = settings.text("auth.jwt.secretFile"), keyFile = settings.text("auth.jwt.keyFile");
    if (!secretFile.empty())
        keys->addSecret(withoutLineEnd(readFile(secretFile, "auth.jwt.secretFile")));
    if (!keyFile.empty())
    {
        const std::string content = readFile(keyFile, "auth.jwt.keyFile");
        try
        {
            if (const auto first = content.find_first_not_of(" \t\r\n"); first != content.npos && content[first] == '{')
                keys->addJwks(content);
            else
                keys->addPem(content);
        }
        catch (const Poco::Exception& exc)
        {
            throw Poco::InvalidArgumentException("auth.jwt.keyFile: " + keyFile + ": " + exc.displayText());
        }
        if (keys->empty())
            throw Poco::InvalidArgumentException("auth.jwt.keyFile: " + keyFile + " holds no key that can be used");
    }
    keys->restrictTo(algorithms);
    return keys->empty() ? nullptr : keys;
}

std::vector<std::shared_ptr<KeySource>> makeSources(const base::Settings& settings, bool oauth, const Clock& clock,
                                                    KeyFetching& fetching)
{
    const std::vector<std::string> algorithms = readAlgorithms(settings);
    std::vector<std::shared_ptr<KeySource>> sources;
    if (KeySetPtr keys = readKeyFiles(settings, algorithms))
        sources.push_back(std::make_shared<FixedKeys>(std::move(keys)));

    RemoteKeys::Options options{
        settings.text("auth.jwt.jwksUrl"), {}, settings.integer("auth.jwt.jwksRefreshMs"), algorithms};
    if (options.jwksUrl.empty() && oauth && sources.empty())
        options.issuers = settings.list("auth.oauth.authorizationServers");
    if (!options.jwksUrl.empty() || !options.issuers.empty())
    {
        if (!fetching.keys || !(fetching.keys->options() == options))
            fetching.keys = std::make_shared<RemoteKeys>(std::move(options), fetching.fetcher, clock);
        sources.push_back(fetching.keys);
    }
    else
        fetching.keys.reset();
    if (sources.empty())
        throw Poco::InvalidArgumentException(
            "auth.type=jwt needs keys: auth.jwt.secretFile, auth.jwt.keyFile or auth.jwt.jwksUrl");
    return sources;
}

} // namespace

std::vector<std::pair<std::string, std::string>> readScopeTypes(const base::Settings& settings, const Types& types)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string& item : settings.list("auth.oauth.scopeTypes"))
    {
        const auto equals = item.rfind('=');
        if (equals == std::string::npos || equals == 0)
            throw Poco::InvalidArgumentException("auth.oauth.scopeTypes: '" + item + "' is not of the form scope=type");
        std::string type(base::trimmed(std::string_view(item).substr(equals + 1)));
        (void)types.require(type, "auth.oauth.scopeTypes");
        pairs.emplace_back(base::trimmed(std::string_view(item).substr(0, equals)), std::move(type));
    }
    return pairs;
}

std::unique_ptr<JwtVerifier> makeJwtVerifier(const base::Settings& settings, bool oauth,
                                             std::vector<std::string> ownAudiences, const Types& types,
                                             const Clock& clock, KeyFetching& fetching)
{
    JwtVerifier::Options options;
    options.issuers = settings.list("auth.jwt.issuers");
    options.audiences = settings.list("auth.jwt.audience");
    options.audiences.insert(options.audiences.end(), ownAudiences.begin(), ownAudiences.end());
    options.audienceRequired = oauth;
    options.skewSeconds = settings.integer("auth.jwt.clockSkewMs") / 1000;
    options.typeClaim = settings.text("auth.jwt.typeClaim");
    options.permissionsClaim = settings.text("auth.jwt.permissionsClaim");
    options.defaultType = settings.text("auth.jwt.defaultType");
    if (!options.defaultType.empty())
        (void)types.require(options.defaultType, "auth.jwt.defaultType");
    if (oauth)
    {
        if (options.issuers.empty())
            options.issuers = settings.list("auth.oauth.authorizationServers");
        options.requiredScopes = settings.list("auth.oauth.requiredScopes");
        options.scopeTypes = readScopeTypes(settings, types);
    }
    return std::make_unique<JwtVerifier>(std::move(options), makeSources(settings, oauth, clock, fetching), types);
}

} // namespace tenon::guard

#include "guard/login/ProtectedResource.h"

#include "base/json/JsonWriter.h"

namespace tenon::guard
{

namespace
{

constexpr std::string_view WELL_KNOWN = "/.well-known/oauth-protected-resource";

std::string withoutSlash(std::string url)
{
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

void list(base::JsonWriter& writer, std::string_view name, const std::vector<std::string>& items)
{
    writer.key(name).beginArray();
    for (const std::string& item : items)
        writer.value(item);
    writer.endArray();
}

} // namespace

ProtectedResource::ProtectedResource(Options options) : _options(std::move(options))
{
    _options.publicUrl = withoutSlash(std::move(_options.publicUrl));
    const std::string& url = _options.publicUrl;
    const auto scheme = url.find("://");
    const auto slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
    const std::string origin = url.substr(0, slash);
    const std::string prefix = slash == std::string::npos ? "" : url.substr(slash);

    _endpoint = withoutSlash(url + _options.endpointPath);
    _endpointWellKnown = std::string(WELL_KNOWN) + withoutSlash(prefix + _options.endpointPath);
    _endpointUrl = origin + _endpointWellKnown;
    _serverWellKnown = std::string(WELL_KNOWN) + prefix;
    _serverUrl = origin + _serverWellKnown;
}

std::string ProtectedResource::metadata(std::string_view path) const
{
    if (path == _endpointWellKnown || path == std::string(WELL_KNOWN) + _options.endpointPath)
        return document(_endpoint);
    if (path == WELL_KNOWN || path == _serverWellKnown)
        return document(_options.publicUrl);
    return {};
}

const std::string& ProtectedResource::metadataUrl(std::string_view path) const
{
    return path == _options.endpointPath ? _endpointUrl : _serverUrl;
}

std::vector<std::string> ProtectedResource::audiences() const
{
    // With and without a slash at the end: authorization servers do not agree on it.
    return {_endpoint, _endpoint + "/", _options.publicUrl, _options.publicUrl + "/"};
}

std::string ProtectedResource::document(const std::string& resource) const
{
    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject().member("resource", resource);
    list(writer, "authorization_servers", _options.authorizationServers);
    if (!_options.scopesSupported.empty())
        list(writer, "scopes_supported", _options.scopesSupported);
    list(writer, "bearer_methods_supported", {"header"});
    if (!_options.name.empty())
        writer.member("resource_name", _options.name);
    writer.endObject();
    return json;
}

} // namespace tenon::guard

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// This server as an OAuth 2.1 resource server: its identifiers, its metadata documents, the parameters of its
/// challenges.
///
/// Two resources are described: the MCP endpoint, by the form of the well-known path that carries the endpoint's path,
/// and the server as a whole, by the bare form, for the HTTP+SSE transport and for clients that know no other.
///
/// Threading: immutable.
/// Spec:      RFC 9728; 2026-07-28, Authorization Server Discovery.
class ProtectedResource
{
public:
    struct Options
    {
        std::string publicUrl;    ///< "https://mcp.example"; a slash at the end is taken off
        std::string endpointPath; ///< "/mcp"
        std::string name;
        std::vector<std::string> authorizationServers, scopesSupported;
    };

    explicit ProtectedResource(Options options);

    /// The document for a request path; empty: there is none.
    [[nodiscard]] std::string metadata(std::string_view path) const;

    /// `resource_metadata` for a challenge on a request to `path`.
    [[nodiscard]] const std::string& metadataUrl(std::string_view path) const;

    /// All values of `aud` that mean this server.
    [[nodiscard]] std::vector<std::string> audiences() const;

    /// The identifier of the MCP endpoint, for tokens that are minted here.
    [[nodiscard]] const std::string& endpoint() const { return _endpoint; }

private:
    [[nodiscard]] std::string document(const std::string& resource) const;

    Options _options;
    std::string _endpoint;                            ///< "https://mcp.example/mcp"
    std::string _endpointWellKnown, _serverWellKnown; ///< paths: "/.well-known/oauth-protected-resource/mcp"
    std::string _endpointUrl, _serverUrl;             ///< of the documents
};

} // namespace tenon::guard

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// Which names this server answers to, and which web pages may talk to it.
///
/// A page of a foreign site can reach a server on its visitor's machine by letting its own name resolve to 127.0.0.1.
/// Such requests carry the foreign name in `Host` and `Origin`: both are compared with what is known.
///
/// Threading: immutable.
/// Spec:      2025-11-25, Transports, Security Warning; Security Best Practices, Local MCP Server Compromise.
class Origins
{
public:
    struct Options
    {
        std::string bindAddress;
        std::vector<std::string> allowedHosts;   ///< names with or without port, globs; "*": any
        std::vector<std::string> allowedOrigins; ///< "https://a.example", globs; "*": any; "null" only if listed
        std::string publicUrl;                   ///< empty: none
        bool credentials = false;                ///< whether pages may send cookies and the like
    };

    enum class Verdict
    {
        FOREIGN, ///< not to be served
        NAMED,   ///< allowed as it stands
        ANYBODY  ///< allowed because everybody is: never with credentials
    };

    explicit Origins(const Options& options);

    /// Shape: `host` as in the header, "localhost:8080", "[::1]"; empty: the header is absent.
    [[nodiscard]] bool hostAllowed(std::string_view host) const;

    /// Shape: `origin` as in the header, "https://a.example:8443", "null".
    [[nodiscard]] Verdict origin(std::string_view origin) const;

    [[nodiscard]] bool loopback() const { return _loopback; }
    [[nodiscard]] bool credentials() const { return _credentials; }

private:
    [[nodiscard]] bool knownHost(std::string_view host) const;

    bool _loopback;
    bool _checkHosts;
    bool _credentials;
    bool _anyOrigin = false;
    std::string _bindAddress;
    std::vector<std::string> _hosts;   ///< lower case
    std::vector<std::string> _origins; ///< lower case
};

/// "localhost", an address of 127.0.0.0/8 or ::1.
[[nodiscard]] bool isLoopbackAddress(std::string_view address);

} // namespace tenon::guard

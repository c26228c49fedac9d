#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tenon::client
{

/// How a client is known to one authorization server.
struct ClientRegistration
{
    std::string clientId, clientSecret;
    std::string authMethod;  ///< at the token endpoint; empty: what fits
    std::string redirectUri; ///< that was registered; empty: none
};

/// A token for one server, and what belongs to it.
struct TokenSet
{
    std::string issuer; ///< it is bound to this authorization server
    std::string accessToken, refreshToken;
    std::string type = "Bearer";
    std::string scope;          ///< asked for or granted
    std::int64_t expiresAt = 0; ///< seconds since 1970; 0: not known
    std::string dpopKey;        ///< PEM; empty: bound to none
};

/// Keeps tokens and registrations: in memory, or in a file that only its owner may read.
///
/// Errors:    Poco::FileException if the file cannot be written, or others may read it.
/// Threading: any thread; several processes may use one file, the last to write wins for one server.
class TokenStore
{
public:
    /// Shape: an empty path keeps all in memory. The folder is made when it is needed.
    explicit TokenStore(std::string path = {});

    /// Where a user's tokens are: `$XDG_CONFIG_HOME/tenon/credentials.json`, `~/.config/tenon/credentials.json`.
    [[nodiscard]] static std::string usualPath();

    [[nodiscard]] std::optional<TokenSet> token(const std::string& server);
    void keepToken(const std::string& server, const TokenSet& token);
    void forgetToken(const std::string& server);

    [[nodiscard]] std::optional<ClientRegistration> registration(const std::string& issuer);
    void keepRegistration(const std::string& issuer, const ClientRegistration& registration);
    void forgetRegistration(const std::string& issuer);

private:
    struct Contents
    {
        std::map<std::string, TokenSet> tokens;
        std::map<std::string, ClientRegistration> registrations;
    };

    [[nodiscard]] Contents read() const;
    void write(const Contents& contents) const;
    template <typename Change>
    void change(const Change& change);

    const std::string _path;
    std::mutex _mutex; // guards all below
    Contents _memory;
};

} // namespace tenon::client

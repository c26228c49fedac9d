#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tenon::client
{

/// A private key that signs JSON Web Tokens: on P-256 or P-384 (ES256, ES384), or RSA (RS256).
///
/// Errors:    Poco::Exception if the key cannot be read or does not sign.
/// Threading: any thread.
class SigningKey
{
public:
    [[nodiscard]] static SigningKey fromPem(const std::string& pem);
    [[nodiscard]] static SigningKey generate(); ///< ES256

    [[nodiscard]] std::string algorithm() const;
    [[nodiscard]] std::string toPem() const;

    /// The public half as a JSON Web Key, its members in the order of RFC 7638; empty for RSA.
    [[nodiscard]] std::string publicJwk() const;

    /// Shape: texts of JSON objects; `header` has what stands there beside "alg".
    [[nodiscard]] std::string sign(const std::string& header, const std::string& payload) const;

private:
    explicit SigningKey(std::shared_ptr<void> key) : _key(std::move(key)) {}

    std::shared_ptr<void> _key; ///< EVP_PKEY
};

/// `size` random bytes, in base64url.
[[nodiscard]] std::string randomText(std::size_t size);
/// SHA-256, in base64url.
[[nodiscard]] std::string digestText(std::string_view text);

} // namespace tenon::client

#pragma once

#include <string>
#include <string_view>

namespace tenon::test
{

/// A key pair made for the tests, once a process.
struct TestKey
{
    std::string privatePem, publicPem;
    std::string jwk; ///< members of a JSON Web Key without braces: `"kty":"RSA","n":…,"e":…`
};

[[nodiscard]] const TestKey& rsaKey();
[[nodiscard]] const TestKey& otherRsaKey();
[[nodiscard]] const TestKey& smallRsaKey(); ///< 1024 bits

/// Shape: "P-256", "P-384", "P-521".
[[nodiscard]] const TestKey& ecKey(std::string_view curve);

/// A token with this header and payload, signed with a private key by `algorithm` (RS*, ES*), without POCO.
[[nodiscard]] std::string signedWith(const TestKey& key, const std::string& algorithm, const std::string& header,
                                     const std::string& payload);

/// The same with HMAC and any secret.
[[nodiscard]] std::string signedWithSecret(const std::string& secret, const std::string& algorithm,
                                           const std::string& header, const std::string& payload);

/// A file with this content that goes with the object.
class TemporaryText
{
public:
    explicit TemporaryText(const std::string& content);
    ~TemporaryText();
    TemporaryText(const TemporaryText&) = delete;
    TemporaryText& operator=(const TemporaryText&) = delete;

    [[nodiscard]] const std::string& path() const { return _path; }

private:
    std::string _path;
};

} // namespace tenon::test

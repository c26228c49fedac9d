#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tenon::tests
{

/// SHA-256 in hexadecimal, as `auth.token.*.sha256` wants it.
[[nodiscard]] std::string sha256Hex(std::string_view text);

/// JSON Web Tokens, right and wrong ones, made without the server's own code.
namespace tokens
{

/// Shape: `header` and `claims` are JSON objects; `signature` is bytes.
[[nodiscard]] std::string join(std::string_view header, std::string_view claims, std::string_view signature);

[[nodiscard]] std::string hs256(std::string_view claims, std::string_view secret,
                                std::string_view header = R"({"alg":"HS256","typ":"JWT"})");

/// A pair of RSA keys.
class RsaKey
{
public:
    RsaKey();
    ~RsaKey();
    RsaKey(const RsaKey&) = delete;
    RsaKey& operator=(const RsaKey&) = delete;

    [[nodiscard]] std::string publicPem() const;
    [[nodiscard]] std::string rs256(std::string_view claims,
                                    std::string_view header = R"({"alg":"RS256","typ":"JWT"})") const;

private:
    struct Impl;
    const std::unique_ptr<Impl> _impl;
};

} // namespace tokens

} // namespace tenon::tests

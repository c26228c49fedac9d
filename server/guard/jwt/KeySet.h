#pragma once

#include <Poco/Crypto/ECKey.h>
#include <Poco/Crypto/RSAKey.h>
#include <Poco/SharedPtr.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// A key that signatures of JSON Web Tokens are verified with. Exactly one of the three is set.
struct VerificationKey
{
    std::string id;                      ///< `kid`; empty: fits any
    std::vector<std::string> algorithms; ///< the key is good for these and no others
    std::string secret;                  ///< of HS256 and its kin
    Poco::SharedPtr<Poco::Crypto::RSAKey> rsa;
    Poco::SharedPtr<Poco::Crypto::ECKey> ec;

    [[nodiscard]] bool fits(std::string_view algorithm) const;
};

/// Keys, each bound to the algorithms of its kind: a public RSA key is never used as an HMAC secret, whatever a token
/// says about itself.
///
/// Threading: immutable once built.
/// Spec:      RFC 7517, RFC 7518.
class KeySet
{
public:
    /// A secret shared with the issuer. Errors: Poco::InvalidArgumentException if it is shorter than 32 bytes.
    void addSecret(std::string secret);

    /// PEM: public keys and certificates, one after the other.
    /// Errors: Poco::InvalidArgumentException; its message says which block cannot be used.
    void addPem(std::string_view pem);

    /// A JSON Web Key Set. Keys for encryption, of unknown kinds, below 2048 bits, and secrets are skipped.
    /// Errors: Poco::DataFormatException if it is not a key set.
    void addJwks(std::string_view json);

    /// Leaves only these algorithms to the keys; empty: no change.
    void restrictTo(const std::vector<std::string>& algorithms);

    /// The keys that may have signed: of the id (or without one), for the algorithm; at most eight.
    [[nodiscard]] std::vector<const VerificationKey*> candidates(std::string_view id, std::string_view algorithm) const;

    /// Whether a key has this id: if none has, a fresh look at the source may help.
    [[nodiscard]] bool knows(std::string_view id) const;

    [[nodiscard]] bool empty() const { return _keys.empty(); }
    [[nodiscard]] const std::vector<VerificationKey>& keys() const { return _keys; }

private:
    std::vector<VerificationKey> _keys;
};

using KeySetPtr = std::shared_ptr<const KeySet>;

/// The nine algorithms that are known; `none` is not among them.
[[nodiscard]] bool isSignatureAlgorithm(std::string_view name);

} // namespace tenon::guard

#pragma once

#include <string>
#include <string_view>

namespace tenon::guard
{

// Public keys of a JSON Web Key as PEM, which POCO reads. Whether a point lies on its curve is checked there.
//
// Shape:  numbers as big-endian bytes, as decoded from base64url.
// Errors: Poco::InvalidArgumentException for numbers that cannot be.
// Spec:   RFC 5280, 4.1 (SubjectPublicKeyInfo); RFC 8017, A.1; RFC 5480.

[[nodiscard]] std::string rsaPem(std::string_view modulus, std::string_view exponent);

/// Shape: `curve` is "P-256", "P-384" or "P-521".
[[nodiscard]] std::string ecPem(std::string_view curve, std::string_view x, std::string_view y);

} // namespace tenon::guard

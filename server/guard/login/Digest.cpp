#include "guard/login/Digest.h"

#include <Poco/Exception.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tenon::guard
{

Digest hmacSha256(std::string_view key, std::string_view text)
{
    Digest digest{};
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr))
        throw Poco::SystemException("HMAC-SHA-256 is not available");
    return digest;
}

bool equalInConstantTime(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool equalInConstantTime(const Digest& left, const Digest& right)
{
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace tenon::guard
